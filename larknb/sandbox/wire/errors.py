"""How a request fails: with one of the platform's codes, or with a word of the device flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .codes import message_of


class CodeError(Exception):
    """A request that ends in an error code of the platform.

    Parameters
    ----------
    code : int
        The platform's code; text and HTTP status follow from it where they are not given.
    error : dict
        What the ``error`` object of the body holds beside the log id.
    """

    def __init__(
        self,
        code: int,
        msg: str | None = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.msg = msg or message_of(code)
        self.status = status
        self.headers = dict(headers or {})
        self.error = dict(error or {})


class DeviceError(Exception):
    """An answer of the device flow that carries an ``error`` word and no code."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


def bad_parameter(name: str, value: object, description: str) -> CodeError:
    """Gateway's refusal of one parameter."""
    violation = {"field": name, "value": str(value), "description": description}
    return CodeError(99992402, error={"field_violations": [violation]})
