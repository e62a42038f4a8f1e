"""The JSON Schema of a scenario file, made from its marshmallow schema, for editors."""
