"""Whether what is cached meets the expectations of ``[[sources.checks]]``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from larknb.cache import loading
from larknb.config.names import choose_all
from larknb.errors import LarkError
from larknb.messages import say
from larknb.model import Expectation, Source
from larknb.results.check import Checked, CheckReport
from larknb.results.sync import SyncReport
from larknb.services.chosen import table_id_of, titles_of
from larknb.services.context import Context

if TYPE_CHECKING:
    from larknb.cache.cached import SourceCache

__all__ = ["check", "with_checks"]


def check(context: Context, names: Sequence[str] = (), table: str | None = None) -> CheckReport:
    """Check the named sources, or all (see `larknb.Workspace.check`)."""
    chosen = choose_all(context.sources, names) if names else [(source, None) for source in context.sources]
    rows: list[Checked] = []
    for source, found in chosen:
        cached = None if source.library else context.cache.find(source)
        if cached is not None and cached.parts:
            wanted = table or found
            rows += _checked(context, source, cached, table_id_of(cached, wanted) if wanted else None)
    return CheckReport(rows)


def with_checks(context: Context, sources: Sequence[Source], report: SyncReport) -> SyncReport:
    """Return the report of a sync with the checks of what it fetched; one that failed is an error of its source."""
    fetched = {row.source for row in report if row.action == "fetched"}
    checked: list[Checked] = []
    errors = dict(report.errors)
    for source in (each for each in sources if each.checks):
        cached = context.cache.find(source)
        if cached is None or cached.name not in fetched:
            continue
        rows = [*_checked(context, source, cached, None)]
        checked += rows
        if failed := [f"{row.table} {row.column} {row.check}" for row in rows if row.failed]:
            what = say("checks.failed.what", checks="; ".join(failed))
            errors.setdefault(cached.name, LarkError(what, next=say("checks.failed.next", name=cached.name)))
    return report.amended(errors=errors, checks=CheckReport(checked))


def _checked(context: Context, source: Source, cached: SourceCache, only: str | None) -> Iterator[Checked]:
    """Yield the checks of a source: each for the table that it names, or for all."""
    from larknb.tabular.expectations import said

    titles = titles_of(cached)
    for expectation in source.checks:
        row = Checked(cached.name, expectation.table, expectation.column, said(expectation), 0)
        try:
            wanted = [table_id_of(cached, expectation.table)] if expectation.table else [*titles]
        except LarkError as error:  # what is expected of a table that is not there is not met
            yield replace(row, failed=1, sample=(str(error),))
            continue
        for table_id in wanted:
            if only in (None, table_id):
                yield _met(context, cached, table_id, expectation, replace(row, table=titles[table_id]))


def _met(context: Context, cached: SourceCache, table_id: str, check: Expectation, row: Checked) -> Checked:
    """Return what a check of one table found."""
    from larknb.tabular import frames
    from larknb.tabular.expectations import offending, sample_of

    if check.max_age is not None:
        return replace(row, failed=int(context.clock() - cached.checked_at > check.max_age))
    if check.min_rows is not None:
        return replace(row, failed=max(0, check.min_rows - cached.tables[table_id].rows))
    try:
        frame = loading.frame(cached, table_id, [check.column])
    except LarkError:
        return replace(row, failed=1, sample=(say("checks.column", column=check.column),))
    column = frame.iloc[:, 0]
    if check.one_of and frames.holds_names(loading.schema(cached, table_id).field(column.name)):
        column = frames.apart(column)
    mask = offending(column, check)
    return replace(row, failed=int(mask.sum()), sample=sample_of(frame, frame.columns[0], mask))
