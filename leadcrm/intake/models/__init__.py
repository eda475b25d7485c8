"""What intake keeps."""
