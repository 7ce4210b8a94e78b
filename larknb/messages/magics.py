"""What `larknb.magics` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "magic.unknown": ("there is no %lark {command}", "没有 %lark {command}"),
    "magic.name": ("the name of a source or table is missing", "缺少数据源或数据表的名称"),
    "magic.next": ("there are: {commands}", "可用的有：{commands}"),
    "magic.variable": ("{name} is not a variable name", "{name} 不是变量名"),
    "magic.variable.next": ("write %%larksql rows, or %%larksql alone", "请写 %%larksql rows，或只写 %%larksql"),
}
