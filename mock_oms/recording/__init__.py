"""What is seen of a real OMS, made fit to keep: without anybody's data, as a scenario. No HTTP, no files, no clock."""
