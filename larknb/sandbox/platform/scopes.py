"""The scopes that an app can be given."""

OFFLINE = "offline_access"
EMPLOYEE_ID = "contact:user.employee_id:readonly"
AVATAR = "contact:user.base:readonly"
OWN_APP = ("application:application:self_manage", "admin:app.info:readonly")  # to read what the app itself is

# Names that occur in the contract: what a console could enable for an app.
ALL_SCOPES = frozenset(
    {
        "offline_access",
        "drive:drive.metadata:readonly",
        "drive:drive",
        "drive:drive:readonly",
        "space:document:retrieve",
        "bitable:app",
        "bitable:app:readonly",
        "base:app:read",
        "base:table:read",
        "base:field:read",
        "base:view:read",
        "base:record:retrieve",
        "base:record:read",
        "sheets:spreadsheet",
        "sheets:spreadsheet:readonly",
        "docx:document",
        "docx:document:readonly",
        "docs:document.content:read",
        "docs:doc",
        "docs:doc:readonly",
        "docs:document.media:download",
        "docs:document:export",
        "drive:export:readonly",
        "board:whiteboard:node:read",
        "wiki:wiki",
        "wiki:wiki:readonly",
        "wiki:node:read",
        "wiki:node:retrieve",
        "wiki:space:retrieve",
        "contact:contact.base:readonly",
        "contact:user.base:readonly",
        "contact:user.basic_profile:readonly",
        "contact:user.employee_id:readonly",
        "contact:user.email:readonly",
        "contact:user.phone:readonly",
        "contact:user.employee:readonly",
    }
)

# What an app made by scan has of itself: a template around a bot, whose names are documented nowhere.
TEMPLATE = frozenset({"contact:user.base:readonly", "docs:document.content:read"})
