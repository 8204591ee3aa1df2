"""A Python client of the API, made by openapi-python-client from the API's own description."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import missing

HERE = Path(__file__).parent
PATIENCE_S = 180
LOCK = HERE / "generator.lock"
GENERATOR = "openapi_python_client"


def installed_generator() -> Path:
    """The folder of the generator and what it needs. Kept between runs, one a lock and Python."""
    digest = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "totalview-tests"
    kept = caches / f"generator-{digest}"
    if not kept.exists():
        caches.mkdir(parents=True, exist_ok=True)
        _install(kept)
    return kept


def _install(where: Path) -> None:
    """Beside its place first: two test processes may do this at once, and one may be killed in the middle."""
    how = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    with tempfile.TemporaryDirectory(dir=where.parent, ignore_cleanup_errors=True) as folder:
        command = [*how, "--target", folder, "--requirement", LOCK]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        if done.returncode:
            missing(f"pip could not install openapi-python-client: {done.stderr.strip()[-300:]}")
        if not where.exists():
            Path(folder).rename(where)
            Path(folder).mkdir()  # for whoever cleans up


def generate(description: Path, into: Path) -> None:
    """Make the package `totalview_client` in this folder. A warning about the description is a failure."""
    how = ["generate", "--path", description, "--config", HERE / "generator.yaml", "--meta", "none"]
    command = [sys.executable, "-m", GENERATOR, *how, "--output-path", into / "totalview_client", "--fail-on-warning"]
    variables = {**os.environ, "PYTHONPATH": str(installed_generator())}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
