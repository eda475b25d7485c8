"""Links, what they ask for, who came in through them, and what arrived."""
