"""What `larknb.disk` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "disk.file": ("{path} cannot be read or written: {reason}", "无法读写 {path}：{reason}"),
    "disk.any": ("The disk cannot be read or written: {reason}", "无法读写磁盘：{reason}"),
    "disk.full": ("the disk is full ({own})", "磁盘已满（{own}）"),
    "disk.full.next": ("free some space on this disk, then try again", "释放该磁盘的空间，然后重试"),
    "disk.quota": ("your quota on this disk is exhausted ({own})", "您在该磁盘上的配额已用完（{own}）"),
    "disk.quota.next": ("delete some of your files there, or ask for a larger quota", "删除部分文件，或申请更大的配额"),
    "disk.read_only": ("the disk is read-only ({own})", "磁盘为只读（{own}）"),
    "disk.read_only.next": (
        "cached data can still be read; to write, make the disk writable or use a workspace elsewhere",
        "缓存数据仍可读取；如需写入，请将磁盘设为可写，或改用其他位置的工作区",
    ),
    "disk.denied": ("access is denied ({own})", "没有访问权限（{own}）"),
    "disk.denied.next": (
        "check the owner and the permissions of the file and its folder, and whether another program holds it",
        "检查该文件及其文件夹的所有者与权限，以及是否被其他程序占用",
    ),
    "disk.handles": ("too many files are open ({own})", "打开的文件过多（{own}）"),
    "disk.handles.next": (
        "restart the kernel or close other programs, then try again; ulimit -n raises the limit",
        "重启内核或关闭其他程序后重试；可用 ulimit -n 提高上限",
    ),
    "disk.long": ("the name is too long ({own})", "文件名过长（{own}）"),
    "disk.long.next": (
        "give the source a shorter name in larknb.toml, or move the workspace to a shorter path",
        "在 larknb.toml 中为数据源取较短的名称，或将工作区移到较短的路径",
    ),
    "disk.large": ("the file became too large for this disk ({own})", "文件超过该磁盘允许的大小（{own}）"),
    "disk.large.next": (
        "move the cache to a disk that takes larger files, or raise the limit (ulimit -f)",
        "将缓存移到支持更大文件的磁盘，或提高上限（ulimit -f）",
    ),
    "disk.broken": ("the drive reports an error ({own})", "磁盘报告错误（{own}）"),
    "disk.broken.next": (
        "check the drive and its connection, keep a copy of the workspace elsewhere, then try again",
        "检查磁盘及其连接，在别处备份工作区，然后重试",
    ),
    "disk.drive": ("the drive cannot be reached ({own})", "无法访问该磁盘（{own}）"),
    "disk.drive.next": ("connect the drive or the network share again, then try again", "重新连接磁盘或网络共享后重试"),
    "disk.gone": ("it is not there ({own})", "文件不存在（{own}）"),
    "disk.gone.next": (
        "check that its folder exists and its drive is connected",
        "检查其文件夹是否存在、磁盘是否已连接",
    ),
    "disk.place": ("something else is in its place ({own})", "该位置已有其他内容（{own}）"),
    "disk.place.next": ("move away what is there, then try again", "移走该位置的内容后重试"),
    "disk.used": ("another program is using it ({own})", "正被其他程序使用（{own}）"),
    "disk.used.next": ("close that program, then try again", "关闭该程序后重试"),
    "disk.plain": (
        "there is a folder, link, pipe or device in its place, or a file that is far too large",
        "该位置是文件夹、链接、管道或设备，或文件过大",
    ),
    "disk.plain.next": (
        "larknb leaves it alone; move it away or use another folder, then try again",
        "larknb 不会改动它；请移走它或改用其他文件夹，然后重试",
    ),
    "disk.other.next": ("check the drive and the permissions, then try again", "检查磁盘与权限后重试"),
}
