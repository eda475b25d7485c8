"""The adviser's pages, and the one page that a client sees."""
