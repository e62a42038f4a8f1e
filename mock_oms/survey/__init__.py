"""What was seen of an OMS from outside, the mock or a real one: requests and answers as values, without HTTP."""
