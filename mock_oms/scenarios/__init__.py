"""A scenario: a YAML file that describes a starting world; its schema, errors, checking and library."""
