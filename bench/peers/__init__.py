"""The mock beside its peers: nginx as the limit, and other mocks; the same bytes, on one core, in one run."""
