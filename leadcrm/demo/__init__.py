"""An office to look around in: made-up households and accounts. Never on an instance that holds real clients."""
