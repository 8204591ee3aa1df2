"""The image: what the Dockerfile says holds, and its commands make an installation that runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy import recipe
from tests.house_rules import ROOT

BUILD, RUN = recipe.stages()


@pytest.fixture(scope="module")
def context(tmp_path_factory) -> Path:
    """The build context, as Docker would be sent it."""
    known = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    folder = tmp_path_factory.mktemp("context")
    for path in recipe.context(known):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path, follow_symlinks=False)
    return folder


def test_it_is_made_in_two_stages_of_a_plain_image():
    assert {stage.image for stage in (BUILD, RUN)} == {"python:3.11-slim"}
    assert [rest for rest in RUN.all("COPY") if not rest.startswith("--from=build ")] == []
    assert "://" not in (ROOT / "Dockerfile").read_text()


def test_it_does_not_run_as_root_and_writes_to_its_volume_alone():
    words = [word for word, _ in RUN.steps]
    assert words.index("USER") < words.index("ENTRYPOINT")
    ((user, group),) = [rest.split(":") for rest in RUN.all("USER")]
    assert user == group
    assert f"--uid {user} " in RUN.all("RUN")[0]
    assert RUN.all("VOLUME") == ["/data"]
    assert "TOTALVIEW_HOME=/data" in RUN.all("ENV")[0]


def test_its_dependencies_are_those_of_make_install():
    """The same locks, checked by hash; a wheel for each, since the image has no compiler."""
    made = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    for line in BUILD.all("RUN")[1:3]:
        wanted = options(line) - {"--only-binary", ":all:"}
        assert wanted in [options(each) - {"--disable-pip-version-check"} for each in made]
    assert "--require-hashes" in options(BUILD.all("RUN")[1])


def options(line: str) -> set[str]:
    return set(line.split("pip install", 1)[1].split())


def test_what_is_copied_has_what_runs_and_not_what_tests(context: Path):
    assert not [name for name in ("tests", "benchmarks", "docs", "requirements-dev.lock") if (context / name).exists()]
    assert (context / "dashboard" / ".streamlit" / "config.toml").exists(), "a link into the context"
    run = "import asgi, cli, sys; print(asgi.__file__)"
    here = {**os.environ, "PYTHONPATH": str(context), "TOTALVIEW_HOME": str(context / "data")}
    told = subprocess.run(
        [sys.executable, "-c", run], cwd=context, env=here, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(context / "asgi.py")


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_its_commands_make_an_installation_that_takes_calls_through(context: Path, tmp_path: Path):
    """The build stage's commands as they stand, in a folder of this machine, by this Python."""
    venv = tmp_path / "venv"
    there = {"/opt/venv": str(venv), "/opt/totalview": str(context), "python -m venv": f"{sys.executable} -m venv"}
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for line in BUILD.all("RUN"):
        said = re.sub("|".join(there), lambda match: there[match[0]], line)
        subprocess.run(said, shell=True, cwd=context, env=clean, check=True)  # noqa: S602  the Dockerfile's own line
    totalview, home = venv / "bin" / "totalview", tmp_path / "home"
    env = {**clean, "TOTALVIEW_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    call = context / "samples" / "good_call.opus"
    command = [totalview, "process", "--json", call]
    told = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert '"status": "completed"' in told.stdout
