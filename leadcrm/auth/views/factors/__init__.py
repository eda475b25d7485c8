"""Pages about second factors: giving one, managing one's own, and proving oneself again."""
