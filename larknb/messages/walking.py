"""What `larknb.walking` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "library.listing": ("listing", "列出子项"),
    "library.and": ("; ", "；"),
    "library.unread": ("not read, see lk.documents: {kinds}", "未读取（见 lk.documents）：{kinds}"),
    "library.shrunk": (
        "The list lost more than half of its children, and waits for a second look that says the same",
        "列表减少了一半以上的子项，等待再次查看确认",
    ),
    "library.new": ("new: {names}", "新增：{names}"),
    "library.renamed": ("renamed: {names}", "改名：{names}"),
    "library.moved": ("moved: {names}", "移动：{names}"),
    "library.gone": ("gone: {names}", "消失：{names}"),
    "library.gone.deleted": (
        "it was deleted on the platform; its cache is kept",
        "已在平台上删除；本地缓存已保留",
    ),
    "library.gone.barred": (
        "it may not be read any more; its cache is kept",
        "已无阅读权限；本地缓存已保留",
    ),
    "library.gone.elsewhere": (
        "it was moved out of this space or folder; its cache is kept",
        "已移出该知识空间或文件夹；本地缓存已保留",
    ),
    "library.gone.missing": (
        "it is no longer listed; its cache is kept",
        "列表中已不再出现；本地缓存已保留",
    ),
    "library.why.deleted": ("deleted", "已删除"),
    "library.why.barred": ("not to be read any more", "已无权限"),
    "library.why.elsewhere": ("moved out", "已移出"),
    "library.why.missing": ("no longer listed", "不再列出"),
}
