"""Asking for leads by anything people remember of them."""

from typing import Any

from sqlalchemy import Select, func, select


def found(asked: str, most: int) -> Select[Any]:
    """`asked` is of services/finding.found_by(). Ids of leads that the viewer sees, and how each was found: exact,
    begins, noted (in `entry_id`) or like."""
    rows = func.leads_found(asked, most).table_valued("id", "created_at", "how", "entry_id", name="found")
    return select(rows.c.id, rows.c.created_at, rows.c.how, rows.c.entry_id)
