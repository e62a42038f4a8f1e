"""Whether the mock can do its work here: checks that look and change nothing."""
