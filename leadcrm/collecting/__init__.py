"""A client delivers documents through a personal link: uploading only, no account. Not deciding what is asked for."""
