"""What a scenario need not spell out: customers, addresses, products and amounts, as pure functions of (seed, id)."""
