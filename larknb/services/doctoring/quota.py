"""The check of the month's calls: what was used, what is to come, and what the settings allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from larknb.results.doctor import Finding
from larknb.services.doctoring.examination import Examination, finding

__all__ = ["check_quota"]


def check_quota(examination: Examination) -> list[Finding]:
    """Compare the calls of this month, and those that it will have at this pace, with the budget of the settings."""
    budget, usage = examination.settings.monthly_calls, examination.context.usage
    words: Mapping[str, Any] = {"calls": usage.total(), "forecast": usage.forecast(), "budget": budget}
    if budget is None:
        return [finding("ok", "quota", "quota_counted", **words)]
    if usage.total() >= budget:
        return [finding("fault", "quota", "budget_spent", **words)]
    if usage.forecast() > budget:
        return [finding("note", "quota", "budget_short", **words)]
    return [finding("ok", "quota", "budget_enough", **words)]
