"""Configuration for what stands before and under the product: nginx, Caddy, Apache, systemd. It serves no page."""
