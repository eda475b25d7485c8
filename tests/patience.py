"""How long tests wait before they give up: the machine of a test may stand still for a while, and nothing is wrong."""

PATIENCE_MS = 60_000  # for what takes a moment
STATEMENT_MS = 90_000  # for a statement; the product gives it 15 s, which core/test_connections.py holds it to
