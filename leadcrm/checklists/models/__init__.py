"""What a company asks for, and what an adviser decided about one lead."""
