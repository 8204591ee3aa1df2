"""Files for Streamlit's own uploader: for those whose pages have one, and so many at once."""

from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from records.identity import Identity
from records.roles import Permission, scope_of

UPLOADS = "/_stcore/upload_file/"  # behind it the page's session and the file's id
ASKED_BY = (Permission.AGENT_MANAGE, Permission.CAMPAIGN_EDIT)
# Streamlit keeps them in memory for as long as their page is open, each as large as server.maxUploadSize at most, and
# takes any number under any id.
MOST_OF_A_PAGE, MOST = 10, 40

_NOT_YOURS = PlainTextResponse("No page of yours takes files.", 403, {"Cache-Control": "no-store"})
_TOO_MANY = PlainTextResponse(
    "Too many files are open here. Close other pages, or load this one again.", 429, {"Cache-Control": "no-store"}
)


def refusal(scope: Scope, who: Identity) -> Response | None:
    """The answer to a file that is not taken; None for one that is, and for all other requests."""
    path: str = scope["path"]
    if scope["type"] != "http" or scope["method"] == "DELETE" or not path.startswith(UPLOADS):
        return None
    if all(scope_of(who.role, permission) is None for permission in ASKED_BY):
        return _NOT_YOURS
    return _TOO_MANY if _is_full(path.removeprefix(UPLOADS).partition("/")[0]) else None


def _is_full(page: str) -> bool:
    kept = runtime.get_instance().uploaded_file_mgr
    if not isinstance(kept, MemoryUploadedFileManager):
        raise TypeError("Streamlit keeps files in another way than these bounds are for.")
    pages = dict(kept.file_storage)
    return len(pages.get(page, ())) >= MOST_OF_A_PAGE or sum(map(len, pages.values())) >= MOST
