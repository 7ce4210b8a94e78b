"""What `larknb.remote` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "target.scheme.what": ("{address} is no place to publish to", "{address} 不是可用的发布位置"),
    "target.scheme.next": (
        "give a folder, or an address such as s3://bucket/team or gs://bucket/team",
        "请填写文件夹，或形如 s3://bucket/team、gs://bucket/team 的地址",
    ),
    "target.secret.what": (
        "an address that begins with {scheme}:// must not hold credentials",
        "以 {scheme}:// 开头的地址中不能包含密钥",
    ),
    "target.secret.next": (
        "put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials",
        "请把密钥放入 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY，或 ~/.aws/credentials",
    ),
    "target.busy.what": (
        "somebody else is looking at the lease of {address}",
        "另一个进程正在检查 {address} 的发布租约",
    ),
    "target.busy.next": ("try again in a minute", "请一分钟后重试"),
    "target.look.what": ("{address} cannot be reached ({reason})", "无法访问 {address}（{reason}）"),
    "target.look.next": (
        "check the network, the address, and the credentials in the environment",
        "请检查网络、地址，以及环境变量中的密钥",
    ),
    "target.fetch.what": (
        "{address} cannot be reached ({reason}), and this file was not fetched before",
        "无法访问 {address}（{reason}），且该文件此前未下载过",
    ),
    "target.fetch.next": ("try again when it can be reached", "请在可以访问时重试"),
    "target.write.what": ("{address} could not be written to ({reason})", "无法写入 {address}（{reason}）"),
    "target.write.next": (
        "publish again: what readers see is whole, and what is there already is not sent again",
        "请重新发布：读者看到的数据仍然完整，已上传的文件不会重复上传",
    ),
    "published.strange": (
        "The pointer {name} of {address} is damaged, or a newer larknb wrote it; the last good one counts ({reason})",
        "{address} 中的指针文件 {name} 已损坏，或由更新版本的 larknb 写入；将继续使用上一个有效版本（{reason}）",
    ),
    "published.none.what": ("Nothing was published to {address}", "{address} 中没有已发布的数据"),
    "published.none.next": (
        "run larknb publish {address} in the workspace that syncs",
        "请在负责同步的工作区运行 larknb publish {address}",
    ),
    "published.what": (
        "{address} is a published store, which can only be read; the workspace {name} publishes it",
        "{address} 是已发布的只读数据，由工作区 {name} 发布",
    ),
    "published.next": (
        "do this in the workspace {name}; here lk.load, lk.search, lk.sql and lk.diff work",
        "请在工作区 {name} 中操作；此处可使用 lk.load、lk.search、lk.sql、lk.diff",
    ),
    "published.damaged.what": (
        "The file {path} of {address} is missing, or not what its pointer says",
        "{address} 中的文件 {path} 缺失，或与指针记录不符",
    ),
    "published.damaged.next": (
        "publish again from the workspace {name}; here the earlier state stays",
        "请在工作区 {name} 中重新发布；此处仍保留之前的数据",
    ),
}
