"""One suite for any OMS, the mock or a real one: crawl, check, observe, diff, record, report."""
