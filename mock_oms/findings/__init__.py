"""What a suite, a recording or a comparison finds, how bad it is, and how it is told."""
