"""A scenario: a file that describes a starting world, its schema, its errors, and its own expectations."""
