"""The documents of a lead: kept encrypted, checked, shown, found again. What a file holds is judged by inspection."""
