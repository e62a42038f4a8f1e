"""Files that earlier versions wrote, and what was seen of them then."""
