"""An office to look around in: made-up households, colleagues and accounts. Not for an instance that holds real clients."""
