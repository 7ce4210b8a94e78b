"""Ask one question for all sources: which change stamps moved.

API: drive-v1/file/batch_query, at most 200 documents a call. A stamp is ``settled`` when a later edit must move it:
modify times are whole seconds, so a stamp as young as the answer itself may hide an edit of the same second.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from larknb.api.client import Answer, LarkClient
from larknb.api.endpoints import FailedMeta, FileMeta, fits
from larknb.errors import ApiError, LarkError
from larknb.messages import say
from larknb.model import Kind, Source, Stamp
from larknb.wire.codes import BadAnswer, from_answer

__all__ = [
    "Gate",
    "ask",
]

log = logging.getLogger("larknb")

API = "drive-v1/file/batch_query"
PER_CALL = 200
SETTLING = 2.0  # seconds between a modify time and the server's clock before the stamp counts as settled
DOC_TYPES: dict[Kind, str] = {"bitable": "bitable", "spreadsheet": "sheet", "document": "docx"}


@dataclass(frozen=True)
class Gate:
    """What the gate answered, by the token that the APIs take.

    A token in neither mapping was not answered for; its source goes to its own second-stage stamp. ``without`` says,
    where the gate itself failed, why and what that costs.
    """

    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    failed: Mapping[str, LarkError] = field(default_factory=dict)
    without: str = ""


def ask(client: LarkClient, sources: Iterable[Source]) -> Gate:
    """Ask the modify times of all ``sources`` (resolved ones), in as few calls as the limit allows.

    Where the gate itself fails (no scope, a failing server), it answers for nobody more and every source is asked
    singly. Errors that will stop every other call as well (login, quota, no network) are raised.
    """
    stamps: dict[str, Stamp] = {}
    failed: dict[str, LarkError] = {}
    asked = {source.target: DOC_TYPES[source.kind] for source in sources if source.kind is not None}  # each token once
    without = ""
    rest = iter(asked.items())
    while some := list(islice(rest, PER_CALL)):
        body = {"request_docs": [{"doc_token": token, "doc_type": kind} for token, kind in some], "with_url": False}
        try:
            answer = client.call("POST", "drive/v1/metas/batch_query", api=API, json=body)
        except LarkError as error:
            if not _can_do_without(error):
                raise
            log.warning("%s", error)
            without = say("gate.without", problem=error.brief())
            break
        stamps |= _stamps(answer)
        failed |= _failed(answer, client)
    return Gate(stamps, failed, without)


def _can_do_without(error: LarkError) -> bool:
    """Say whether the other calls may work although the gate does not: a missing scope, or a server that fails."""
    return error.lacks_scope or isinstance(error, BadAnswer) or (isinstance(error, ApiError) and error.code is not None)


def _stamps(answer: Answer) -> dict[str, Stamp]:
    """Return the stamps by token; what is odd tells nothing, and its source is asked itself."""
    metas = [meta for meta in answer.data.get("metas") or () if fits(meta, FileMeta)]
    return {str((meta.get("request_doc_info") or meta).get("doc_token")): _stamp(meta, answer.server_time)
            for meta in metas}  # fmt: skip


def _stamp(meta: Mapping[str, Any], server_time: float | None) -> Stamp:
    mtime = str(meta.get("latest_modify_time") or "")
    is_time = re.fullmatch("[0-9]{1,18}", mtime) is not None
    settled = server_time is not None and is_time and int(mtime) <= server_time - SETTLING
    return Stamp(mtime, settled, title=str(meta.get("title") or ""), owner=str(meta.get("owner_id") or ""))


def _failed(answer: Answer, client: LarkClient) -> dict[str, LarkError]:
    """Return why the gate has no answer for some of the documents."""
    failed: dict[str, LarkError] = {}
    for item in answer.data.get("failed_list") or []:
        if fits(item, FailedMeta):
            failed[item["token"]] = from_answer(200, {"code": item["code"]}, api=API, asker=client.identity.asker)
    return failed
