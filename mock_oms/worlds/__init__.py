"""Worlds by token: manager, leases, snapshots, explanations, event stream."""
