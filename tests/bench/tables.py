"""The figures as Markdown, ready for the README."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.files import LARGE, MB, Files
from tests.bench.pages import WITH_PAPERS, Page, Pages
from tests.bench.papers import FEW, MANY
from tests.bench.statements import Compared, Plan

LIST_MS, WALLS, SHARE, IMPORT = 20.0, 2.0, 20.0, 2_000.0  # what is to be reached
HALF, MOST_MB = 0.5, 8.0
AS_FAST = 1.25  # times the median, which differs as much between any two leads


@dataclass(frozen=True)
class Results:
    leads: int
    day: str
    pages: Pages
    lists: dict[str, Compared]
    plans: list[Plan]
    files: Files
    import_speed: float  # rows a second


def written(results: Results) -> Iterator[str]:
    yield f"\n### Speed: {results.leads:,} leads, {os.cpu_count()} processors, {results.day}\n"
    yield from _pages(results.pages)
    yield ""
    yield from _lists(results.lists)
    yield ""
    yield from _files(results.files)
    yield ""
    yield f"Import with two slices: {results.import_speed:,.0f} rows a second.\n"
    yield from _goals(results)
    yield "\n<details><summary>Plans as the restricted role</summary>\n"
    yield from _plans(results.plans)
    yield "\n</details>"


def _pages(pages: Pages) -> Iterator[str]:
    yield "| over TLS, two processes | one client p50 / p95 | eight clients p50 / p95 | requests a second | of bare |"
    yield "|---|---|---|---|---|"
    for page in (*pages.product, pages.bare):
        share = "" if page is pages.bare else f"1/{pages.bare.together.rate / page.together.rate:.1f}"
        size = f" ({page.size / 1000:.0f} kB)" if page.size else ""
        yield (
            f"| {page.name}{size} | {page.alone.p50:.1f} / {page.alone.p95:.1f} ms "
            f"| {page.together.p50:.1f} / {page.together.p95:.1f} ms | {page.together.rate:,.0f} | {share} |"
        )


def _lists(lists: dict[str, Compared]) -> Iterator[str]:
    yield "| rows and count in the database | through both walls | bare: literal, no policy | ratio | bare, plan kept |"
    yield "|---|---|---|---|---|"
    for name, times in lists.items():
        found = f"{times.walls:.2f} ms | {times.bare:.2f} ms | {times.ratio:.2f} | {times.kept:.2f} ms"
        yield f"| {name} | {found} |"


def _files(files: Files) -> Iterator[str]:
    size = f"{LARGE // MB} MB over TLS"
    yield f"| {size} | ours | bare copy, same server | AES-256-GCM alone | of both one after the other | memory, 1 MB |"
    yield "|---|---|---|---|---|---|"
    for way in (files.up, files.down):
        memory = f"+{way.grown / MB:.1f} MB, +{way.grown_small / MB:.1f} MB"
        yield (
            f"| {way.name} | {way.rate(way.ours):,.0f} MB/s | {way.rate(way.bare):,.0f} MB/s "
            f"| {way.rate(files.sealing):,.0f} MB/s | {files.share(way):.0%} | {memory} |"
        )


def _goals(results: Results) -> Iterator[str]:
    lists = [page for page in results.pages.product if page.name.startswith("list")]
    yield "| to reach | found | |"
    yield "|---|---|---|"
    for page in lists:
        yield _goal(f"{page.name}: p95 under {LIST_MS:.0f} ms with one client", page.alone.p95, LIST_MS, "ms")
    for name, times in results.lists.items():
        yield _goal(f"{name}: database time under {WALLS:.0f} times the bare statement", times.ratio, WALLS, "times")
    for page in lists:
        yield _share(page, results.pages.bare)
    yield from _papers({page.name: page.alone.p50 for page in results.pages.product})
    for way in (results.files.up, results.files.down):
        share, grown = results.files.share(way), way.grown / MB
        yield f"| {way.name}: at least half the rate of copy and AES-GCM | {share:.0%} | {_mark(share >= HALF)} |"
        yield _goal(f"{way.name}: memory of a web process above idle", grown, MOST_MB, "MB")
    reached = results.import_speed >= IMPORT
    yield f"| import: at least {IMPORT:,.0f} rows a second | {results.import_speed:,.0f} | {_mark(reached)} |"


def _papers(took: dict[str, float]) -> Iterator[str]:
    """The panel that is loaded into the page stands in the table above: it draws a page of rows, or five."""
    few, many = took.get(WITH_PAPERS.format(FEW)), took.get(WITH_PAPERS.format(MANY))
    if few and many:
        yield _goal(f"{WITH_PAPERS.format(MANY)}: as fast as {FEW}", many / few, AS_FAST, "times")


def _goal(text: str, found: float, most: float, unit: str) -> str:
    return f"| {text} | {found:.2f} {unit} | {_mark(found < most)} |"


def _share(page: Page, bare: Page) -> str:
    share = bare.together.rate / page.together.rate
    text = f"{page.name}: at least 1/{SHARE:.0f} of the rate of the bare page"
    return f"| {text} | 1/{share:.1f} | {_mark(share <= SHARE)} |"


def _mark(reached: bool) -> str:
    return "reached" if reached else "**missed**"


def _plans(plans: list[Plan]) -> Iterator[str]:
    yield "| page | statement | plan | time | indexes | whole tables, hashed sub-plans |"
    yield "|---|---|---|---|---|---|"
    for plan in plans:
        indexes = plan.indexes.replace("leads_", "").replace("_company_id", "")
        took = f"{plan.milliseconds:.2f} ms"
        yield f"| {plan.who} | {plan.statement} | {plan.form} | {took} | {indexes} | {plan.slow or 'none'} |"
