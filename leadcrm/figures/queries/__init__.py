"""What figures ask of the database. Nothing here narrows by viewer: scope.py does."""
