"""A polite crawl of an OMS: GET only, one request at a time, within a budget."""
