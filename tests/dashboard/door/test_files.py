"""Streamlit keeps any number of files in memory, under any id, for whoever has a page open: the door does not."""

from types import SimpleNamespace

import pytest
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from dashboard.door import files
from records.identity import Identity
from records.roles import Role


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    manager = MemoryUploadedFileManager(files.UPLOADS)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(uploaded_file_mgr=manager))
    return manager


def put(role: Role = Role.MANAGER, page: str = "page", *, method: str = "PUT", path: str = files.UPLOADS) -> int:
    """The status of the refusal; 0 for what may pass."""
    scope = {"type": "http", "method": method, "path": f"{path}{page}/some-id"}
    refused = files.refusal(scope, Identity(1, role, "somebody@example.org"))
    return refused.status_code if refused else 0


def keep(manager: MemoryUploadedFileManager, page: str, number: int) -> None:
    for n in range(number):
        manager.add_file(page, UploadedFileRec(f"{page}-{n}", "agents.csv", "text/csv", b"x"))


@pytest.mark.parametrize("role", Role)
def test_only_those_whose_pages_take_files_may_send_one(kept, role: Role):
    takes = role in {Role.MANAGER, Role.SENIOR_MANAGER, Role.OWNER}
    assert put(role) == (0 if takes else 403)
    assert put(role, path="/_stcore/media/") == put(role, method="DELETE") == 0


def test_a_page_keeps_some_files_and_all_together_some_more(kept):
    keep(kept, "mine", files.MOST_OF_A_PAGE)
    assert (put(page="mine"), put(page="other")) == (429, 0)
    for n in range(files.MOST // files.MOST_OF_A_PAGE):
        keep(kept, f"page {n}", files.MOST_OF_A_PAGE)
    assert put(page="other") == 429
    kept.remove_session_files("mine")
    kept.remove_session_files("page 1")
    assert put(page="other") == 0
