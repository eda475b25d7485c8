"""Pages of own fields, and what the list of leads shows of them."""
