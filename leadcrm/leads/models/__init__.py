"""What a household is made of. Start at lead.py."""
