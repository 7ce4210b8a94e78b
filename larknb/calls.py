"""The calls of the package: each is the same-named method of the workspace that the current folder belongs to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Concatenate, ParamSpec, TypeVar

from larknb.workspace import Workspace

P = ParamSpec("P")
R = TypeVar("R")


def _here(method: Callable[Concatenate[Workspace, P], R]) -> Callable[P, R]:
    """Return a function that finds the workspace anew at each call: the current folder may be another one by then."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return method(Workspace(), *args, **kwargs)

    whole = signature(method)
    call.__signature__ = whole.replace(parameters=[*whole.parameters.values()][1:])  # type: ignore[attr-defined]
    call.__qualname__, call.__module__ = method.__name__, "larknb"
    return call


add = _here(Workspace.add)
attachments = _here(Workspace.attachments)
cells = _here(Workspace.cells)
check = _here(Workspace.check)
connect = _here(Workspace.connect)
diff = _here(Workspace.diff)
doctor = _here(Workspace.doctor)
document = _here(Workspace.document)
documents = _here(Workspace.documents)
export_guides = _here(Workspace.export_guides)
get_user_access_token = _here(Workspace.get_user_access_token)
join = _here(Workspace.join)
history = _here(Workspace.history)
init = _here(Workspace.init)
load = _here(Workspace.load)
login = _here(Workspace.login)
logout = _here(Workspace.logout)
paths = _here(Workspace.paths)
panel = _here(Workspace.panel)
plot_style = _here(Workspace.plot_style)
preview = _here(Workspace.preview)
publish = _here(Workspace.publish)
read = _here(Workspace.read)
remove = _here(Workspace.remove)
run = _here(Workspace.run)
runs = _here(Workspace.runs)
schema = _here(Workspace.schema)
search = _here(Workspace.search)
show = _here(Workspace.show)
sources = _here(Workspace.sources)
sql = _here(Workspace.sql)
status = _here(Workspace.status)
sync = _here(Workspace.sync)
tables = _here(Workspace.tables)
to_excel = _here(Workspace.to_excel)
whoami = _here(Workspace.whoami)
