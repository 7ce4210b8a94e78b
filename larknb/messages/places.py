"""What `larknb.places` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "places.folder.what": (
        "The folder {path} holds files that do not belong to larknb, and was left unchanged",
        "文件夹 {path} 中有不属于 larknb 的文件，larknb 不会改动它",
    ),
    "places.folder.next": (
        "choose a folder that is empty or does not exist yet, such as a new one inside it",
        "请指定空的或尚不存在的文件夹，例如在其中新建一个",
    ),
    "places.mark": (
        "larknb keeps what it syncs in this folder. This file marks the folder; please keep it.\n",
        "larknb 将同步的数据存放在此文件夹。此文件供 larknb 识别，请保留。\n",
    ),
}
