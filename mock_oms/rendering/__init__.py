"""Plans as the vendor sends them: JSON by marshmallow, under the switches."""
