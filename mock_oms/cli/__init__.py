"""The command line: how people start the mock and look into it."""
