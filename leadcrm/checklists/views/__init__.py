"""The checklist on the page of a lead, and the company's template."""
