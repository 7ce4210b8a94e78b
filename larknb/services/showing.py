"""Frames for people's eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from larknb import console, display
from larknb.cache import definitions
from larknb.errors import LarkError
from larknb.messages import say
from larknb.services.account import workspace_login
from larknb.services.chosen import cached_source, table_id_of
from larknb.services.context import Context
from larknb.services.health import status
from larknb.services.night import runs
from larknb.services.reading import load, sync

if TYPE_CHECKING:
    import pandas as pd

    from larknb.results.sync import SyncReport
    from larknb.screens.panel import PanelWidget
    from larknb.screens.progress import Show
    from larknb.screens.show import FrameView

__all__ = ["panel", "plot_style", "show"]


def plot_style() -> str:
    """Let plots show Chinese (see `larknb.Workspace.plot_style`)."""
    from larknb.screens.plotting import apply_style

    return apply_style()


def panel(context: Context) -> PanelWidget | None:
    """Show the panel of a workspace (see `larknb.Workspace.panel`)."""
    from larknb.screens.panel import Desk, PanelWidget, panel_view

    def run(names: Sequence[str], force: bool, hear: Show) -> SyncReport:
        return sync(context.again(), names, force=force, progress=hear)

    desk = Desk(
        status=lambda: status(context.again()),
        runs=lambda: runs(context.again()),
        sync=run,
        login=lambda: workspace_login(context),
    )
    if console.place() != "notebook":
        console.tell(panel_view(desk).text)
        return None
    widget = PanelWidget(desk)
    widget.show()
    return widget


def show(context: Context, frame_or_name: str | pd.DataFrame, n: int = 50) -> FrameView:
    """Return the head of a frame as a notebook or a terminal shows it prettily (see `larknb.Workspace.show`)."""
    from larknb.screens.show import FrameView

    frame = load(context, frame_or_name) if isinstance(frame_or_name, str) else frame_or_name
    origin = frame.attrs.get("larknb")
    if not isinstance(origin, dict):
        return FrameView(frame, n)
    return FrameView(frame, n, colours=_colours(context, origin), badges=_badges(context, origin))


def _colours(context: Context, origin: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return the colours of options; a table that is no longer cached is shown without them."""
    try:
        cached, _ = cached_source(context, origin["source"], None)
        return definitions.colours(cached, table_id_of(cached, origin["table"]))
    except LarkError:
        return {}


def _badges(context: Context, origin: Mapping[str, Any]) -> list[str]:
    age = display.age(context.clock() - datetime.strptime(origin["synced_at"], "%Y-%m-%dT%H:%M:%S%z").timestamp())
    badges = [f"{origin['source']} / {origin['table']}", say("show.age", age=age)]
    if origin["revision"]:
        badges.append(say("show.revision", revision=origin["revision"]))
    return badges
