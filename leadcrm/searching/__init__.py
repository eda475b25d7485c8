"""Finding leads by anything people remember of them, while they type."""
