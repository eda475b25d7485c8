"""Leads: households that want a mortgage, what they earn and owe, who works on them and where they stand.

Not here: reading files (imports), documents, mail.
"""
