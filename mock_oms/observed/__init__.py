"""What a visit to a real OMS has taught us, as a file: counts and shapes, and not one value of a customer's."""
