"""What a configuration is made from."""
