"""What it takes to make a file of a list: which columns, what stands in a cell, how rows become a sheet."""
