"""What can be done with links, by the adviser and by the client."""
