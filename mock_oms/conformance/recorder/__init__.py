"""A recording of a real OMS, made fit to keep: without anybody's data, as a scenario."""
