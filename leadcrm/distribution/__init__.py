"""Who gets which lead, by which rule, how soon they take it up, and whether that was fair."""
