"""Measures, and prints the tables. Start here: python -m tests.bench"""

import os
import platform
import sys
import time

from leadcrm.leads.queries.lists import Filters
from tests.bench import figures, tables
from tests.bench.board import measured_board
from tests.bench.board import written as written_board
from tests.bench.bulk import measured_bulk
from tests.bench.bulk import written as written_bulk
from tests.bench.files import measured_files
from tests.bench.importing import rows_per_second
from tests.bench.instance import LEADS, Bench, bench
from tests.bench.intake import measured_intake
from tests.bench.intake import written as written_intake
from tests.bench.pages import FILTERS, measured_pages
from tests.bench.searching import measured_pages_of_searches, measured_searches
from tests.bench.searching import table as searches_table
from tests.bench.statements import Compared, Plan, compared, of_list, plans, viewer_of
from tests.bench.tables import Results


def main() -> None:
    with bench() as made:
        say(f"{LEADS:,} leads on {os.cpu_count()} processors, Python {platform.python_version()}")
        say("the list's statements, with and without walls")
        lists, explained = _statements(made)
        say("pages, with one client and with eight")
        pages = measured_pages(made)
        say("a file of 100 MB up and down")
        files = measured_files(made)
        say("an import with two slices")
        speed = rows_per_second(made)
        say("searching")
        searches, shown = measured_searches(made), list(measured_pages_of_searches(made))
        say("the board")
        board = measured_board(made)
        say("many leads at once, and lists as files")
        many = list(measured_bulk(made))
        say("leads that arrive, with a worker beside")
        arriving = measured_intake(made)
        say("figures, worked out and kept")
        dashboards = figures.measured_dashboards(made)
        results = Results(LEADS, time.strftime("%Y-%m-%d"), pages, lists, explained, files, speed)
        print("\n".join([*tables.written(results), *figures.written(dashboards)]))
        print("\n".join(["", *written_intake(arriving)]))
        print("\n".join(["", *searches_table(searches, shown)]))
        print("\n".join(["", *written_board(board)]))
        print("\n".join(["", *written_bulk(many)]))


def _statements(made: Bench) -> tuple[dict[str, Compared], list[Plan]]:
    lists: dict[str, Compared] = {}
    explained: list[Plan] = []
    for who, account in (("agent", made.ann), ("manager", made.meg)):
        viewer = viewer_of(account)
        for what, filters in (("list", Filters()), ("filtered list", FILTERS)):
            statements = of_list(viewer, filters)
            lists[f"{what}, {who}"] = compared(made, viewer, statements)
            explained += plans(made, f"{what}, {who}", viewer, statements)
    return lists, explained


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
