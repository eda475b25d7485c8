"""Lists of leads that people keep: filters, order and columns."""
