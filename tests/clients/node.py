"""Other people's clients in JavaScript, installed once for all tests from a lock that names versions and digests."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.conftest import missing

HERE = Path(__file__).parent
PATIENCE_S = 180


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder of the installed packages. Kept between runs, one a lock."""
    if not (shutil.which("node") and shutil.which("npm")):
        missing("Node.js and npm are not installed (apt-get install nodejs npm)")
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "totalview-tests"
    kept = caches / f"node-{digest}"
    if not kept.exists():
        caches.mkdir(parents=True, exist_ok=True)
        _install(kept)
    return kept / "node_modules"


def _install(where: Path) -> None:
    """Beside its place first: two test processes may do this at once, and one may be killed in the middle."""
    with tempfile.TemporaryDirectory(dir=where.parent, ignore_cleanup_errors=True) as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        how = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(how, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if done.returncode:
            missing(f"npm could not install the clients: {done.stderr.strip()[-300:]}")
        if not where.exists():
            Path(folder).rename(where)
            Path(folder).mkdir()  # for whoever cleans up


@pytest.fixture
def scripts(node_modules: Path, tmp_path: Path) -> Path:
    """A folder in which the scripts beside this file find the packages."""
    folder = tmp_path / "clients"
    folder.mkdir()
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(node_modules)
    return folder
