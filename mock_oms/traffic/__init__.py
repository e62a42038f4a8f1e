"""What surrounds an answer: faults, limits, the journal, hints, verification, the client report."""
