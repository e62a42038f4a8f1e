"""`mock-oms doctor`: whether the mock can do its work here, and what to change where it cannot."""
