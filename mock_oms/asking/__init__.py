"""Asking an OMS politely, the mock or a real one: GET alone, one request at a time, as few as are allowed."""
