"""What one person should hear: in the application, by mail, or once a day."""
