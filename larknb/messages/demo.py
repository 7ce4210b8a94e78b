"""What `larknb.demo` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "demo.serving": ("A simulated platform serves sample data at {url}", "本机模拟平台已启动：{url}"),
    "demo.signed_in": ("Signed in as {name}, through the real login code", "已通过真实的登录流程登录：{name}"),
    "demo.comment": (
        "# The simulated platform runs only during the demo; to sync again, run larknb demo again.",
        "# 模拟平台仅在演示期间运行；再次同步请重新执行 larknb demo。",
    ),
    "demo.readme": (
        "# A sample folder of larknb\n\n"
        "Two Bitables, a spreadsheet and five guides of a made-up department, synced from a stand-in platform.\n\n"
        "- [03_explore](notebooks/03_explore.ipynb): tables, charts, what changed, SQL, a workbook\n"
        "- [04_guides](notebooks/04_guides.ipynb): search, a guide, a chart of a table in it\n"
        "- [01_login](notebooks/01_login.ipynb), [02_sync](notebooks/02_sync.ipynb): sign in and sync, "
        "while `larknb demo --lab` runs\n"
        "- [scheduled_sync](notebooks/scheduled_sync.ipynb): what `larknb schedule` runs with nobody there\n"
        "- [larknb.toml](larknb.toml): the settings\n\n"
        "For your own data run `larknb init` in a folder of its own.\n",
        "# larknb 示例文件夹\n\n"
        "某部门的两个多维表格、一个电子表格和五篇指引，均为虚构数据，从本机模拟平台同步而来。\n\n"
        "- [03_explore](notebooks/03_explore.ipynb)：表格、图表、变更、SQL、Excel\n"
        "- [04_guides](notebooks/04_guides.ipynb)：搜索、查阅指引、把指引中的表格画成图\n"
        "- [01_login](notebooks/01_login.ipynb)、[02_sync](notebooks/02_sync.ipynb)：登录与同步，"
        "需在 `larknb demo --lab` 运行期间使用\n"
        "- [scheduled_sync](notebooks/scheduled_sync.ipynb)：`larknb schedule` 无人值守时运行的 Notebook\n"
        "- [larknb.toml](larknb.toml)：设置\n\n"
        "分析自己的数据，请新建一个文件夹并在其中运行 `larknb init`。\n",
    ),
    "demo.account": (
        "{sources:# source}, {rows:# row}, {requests:# request}, {seconds} s, by the headless notebook.\nEverything"
        " is in {files}: Parquet, Markdown and JSON, the login, the executed notebook.",
        "共 {sources} 个数据源、{rows} 行，{requests} 次请求，用时 {seconds} 秒，由后台运行的 Notebook 完成。\n"
        "全部文件位于 {files}：Parquet、Markdown 与 JSON、登录信息、运行后的 Notebook。",
    ),
    "demo.next": (
        'Try next:\n  cd {folder}\n  larknb status\n  larknb load "{name}/{table}"\n  larknb search {question}\n'
        "  python -c \"import larknb as lk; print(lk.tables('{name}'))\"",
        '接下来可以尝试：\n  cd {folder}\n  larknb status\n  larknb load "{name}/{table}"\n  larknb search {question}\n'
        "  python -c \"import larknb as lk; print(lk.tables('{name}'))\"",
    ),
    "demo.lab": (
        "JupyterLab opens; press Ctrl-C here to end it and the simulated platform",
        "即将打开 JupyterLab；在此按 Ctrl-C 结束",
    ),
    "demo.no_lab.what": ("JupyterLab is not installed", "未安装 JupyterLab"),
    "demo.no_lab.next": ('pip install "larknb[lab]"', 'pip install "larknb[lab]"'),
    "demo.occupied.what": ("{path} belongs to a real workspace", "{path} 属于真实的工作区"),
    "demo.occupied.next": ("name another folder: larknb demo FOLDER", "请指定其他文件夹：larknb demo FOLDER"),
}
