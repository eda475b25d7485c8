"""The board, and the pages on which pipelines are set up."""
