"""What the checks share."""

from __future__ import annotations

import threading

from larknb.services.doctoring.examination import Examination
from tests.conftest import Lab


def test_a_fact_is_asked_for_once(synced: Lab) -> None:
    """However many checks need it, and at the same moment."""
    synced.box.journal.clear()
    shared = Examination(synced.workspace.context)
    threads = [threading.Thread(target=shared.scopes) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (synced.box.journal.count("tenant_token"), synced.box.journal.count("scopes")) == (1, 1)


def test_a_report_costs_few_requests(synced: Lab) -> None:
    """About a dozen for one source; they count as any others do."""
    synced.box.journal.clear()
    synced.workspace.doctor()
    assert len(synced.box.journal.calls) <= 14
