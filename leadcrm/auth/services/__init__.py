"""What can be done: signing in, second factor, sessions, passwords, users."""
