"""Pages of saved views, the menu above the list and the lines in the navigation."""
