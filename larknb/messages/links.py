"""What `larknb.links` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "link.unknown.what": (
        "This is not the address of a Bitable, spreadsheet, document, wiki page or folder",
        "这不是多维表格、电子表格、文档、知识库页面或文件夹的链接",
    ),
    "link.unknown.next": (
        "open it in the browser and copy the address: …/base/…, /sheets/…, /docx/…, /wiki/… or /drive/folder/…",
        "在浏览器中打开并复制地址栏链接：…/base/…、/sheets/…、/docx/…、/wiki/… 或 /drive/folder/…",
    ),
    "link.bare.what": ("A token alone does not tell its kind", "仅凭 token 无法判断类型"),
    "link.bare.next": (
        "give the whole address, or say the kind: bitable, spreadsheet, document, wiki, space or folder",
        "请提供完整链接，或注明 kind：bitable、spreadsheet、document、wiki、space 或 folder",
    ),
    "link.other.what": (
        "The link is to a {found}, but kind is {kind}",
        "链接表明类型为 {found}，而 kind 写的是 {kind}",
    ),
    "link.other.next": ("leave kind out, or correct the link", "删去 kind，或更正链接"),
    "link.form.what": (
        "This link shares a form, a view or a dashboard; it does not tell which base it belongs to",
        "这是表单、视图或仪表盘的分享链接，无法得知所属的多维表格",
    ),
    "link.form.next": (
        "open the base itself and copy its address (…/base/…)",
        "打开多维表格本身并复制地址栏链接（…/base/…）",
    ),
    "link.record.what": (
        "This link shares one record; only the platform knows which table it stands in",
        "这是单条记录的分享链接，只有平台知道它属于哪个数据表",
    ),
    "link.record.next": (
        "log in and run larknb add with this link, which asks the platform, or open the base itself and copy its"
        " address (…/base/…)",
        "登录后用该链接运行 larknb add（会向平台查询），或打开多维表格本身并复制地址栏链接（…/base/…）",
    ),
    "link.workspace.what": (
        "This is a workspace of Bitables, which holds several bases",
        "这是多维表格工作区，其中包含多个多维表格",
    ),
    "link.workspace.next": (
        "open one base in it and copy its address (…/base/…)",
        "打开其中一个多维表格并复制地址栏链接（…/base/…）",
    ),
    "link.several.what": ("The text holds more than one address", "文本中包含多个不同的链接"),
    "link.several.next": ("add them one by one", "请逐个添加"),
    "link.doc.what": (
        "This is a document of the old kind (doc), which cannot be read block by block",
        "这是旧版文档（doc），无法按块读取",
    ),
    "link.doc.next": (
        "convert it into a new document in Feishu and copy its new address (…/docx/…)",
        "在飞书中将其转换为新版文档，再复制新链接（…/docx/…）",
    ),
    "link.file.what": (
        "This is an uploaded file, not an online table or document",
        "这是上传的文件，不是在线表格或文档",
    ),
    "link.file.next": (
        "import it as an online spreadsheet or document, or download it by hand",
        "将其导入为在线电子表格或文档，或自行下载",
    ),
    "link.mindnote.what": (
        "This is a mind note, and the platform has no API that reads one",
        "这是思维笔记，平台没有读取它的 API",
    ),
    "link.mindnote.next": ("copy what you need into a document", "将需要的内容复制到文档中"),
    "link.slides.what": ("These are slides, which larknb does not read", "这是幻灯片，larknb 不支持读取"),
    "link.slides.next": ("copy what you need into a document", "将需要的内容复制到文档中"),
    "link.minutes.what": ("These are minutes of a meeting, which larknb does not read", "这是妙记，larknb 不支持读取"),
    "link.minutes.next": (
        "export its text into a document and copy that address (…/docx/…)",
        "将文字记录导出为文档，再复制该文档的链接（…/docx/…）",
    ),
}
