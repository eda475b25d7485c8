"""The security annex of the processing agreement (A1-A18), from what was measured here; the register of suppliers.

It claims nothing that the doctor's checks did not show. What a check measures belongs to whoever brings the check.
"""
