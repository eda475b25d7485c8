"""What a field is: its kind (kinds.py and friends), its facts (facts.py), and sealed values (sealed.py)."""
