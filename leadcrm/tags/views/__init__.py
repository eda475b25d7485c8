"""Pages of tags, and what the list of leads shows of them."""
