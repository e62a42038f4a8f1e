"""What was asked of the vendor's API: kept in a ring, explained by hints, judged by verification and reports."""
