"""What can be done with checklists."""
