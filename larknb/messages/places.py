"""What `larknb.places` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "places.folder.what": (
        "The folder {path} holds files that are none of larknb's, and is left alone",
        "文件夹 {path} 中有不属于 larknb 的文件，larknb 不会改动它",
    ),
    "places.folder.next": (
        "name a folder that is empty or not there yet, such as a new one inside it",
        "请指定空的或尚不存在的文件夹，例如在其中新建一个",
    ),
    "places.mark": (
        "larknb keeps what it syncs in this folder. The file says so to larknb; leave it here.\n",
        "larknb 将同步的数据存放在此文件夹。此文件供 larknb 识别，请保留。\n",
    ),
}
