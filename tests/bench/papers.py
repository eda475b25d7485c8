"""A lead with five documents beside one with five hundred. Only their rows: opening a lead reads no file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from tests.bench.instance import Bench

FEW, MANY = 5, 500
ROWS = """
INSERT INTO documents_document (company_id, id, lead_id, kind, name, state, arrived_through, version, size, media_type,
    created_at, updated_at)
SELECT lead.company_id, gen_random_uuid(), lead.id, 'payslip', 'loonstrook ' || i || '.pdf', 'available', 'upload', 1,
    123456, 'application/pdf', now() - i * interval '1 hour', now()
FROM leads_lead AS lead, generate_series(1, %(count)s) AS i WHERE lead.id = %(lead)s
"""


@contextmanager
def papers_in(made: Bench, wanted: Mapping[str, int]) -> Iterator[None]:
    """So many for each of these leads, written by the superuser and taken away afterwards."""
    with psycopg.connect(made.superuser, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")  # no version stands behind them
        for lead, count in wanted.items():
            superuser.execute(ROWS, {"lead": lead, "count": count})
        superuser.execute("ANALYZE documents_document")
        try:
            yield
        finally:
            superuser.execute("DELETE FROM documents_document WHERE lead_id = ANY(%s::uuid[])", [list(wanted)])
