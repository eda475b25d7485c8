"""How something that arrived becomes a lead."""
