"""What can be done with saved views."""
