"""What was asked of the vendor's API: kept, redacted, verified, reported."""
