"""Requests to the vendor's API: stored, redacted, verified, reported."""
