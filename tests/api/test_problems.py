"""Every kind of error is in the page's table, with its status and remedy; and every kind is used."""

import re

from api.problems import KINDS, TYPE, Problem, problems
from pipeline.sound.contract import Flaw
from tests.house_rules import ROOT
from tests.test_docs import table


def test_the_page_has_every_kind_with_its_status_and_remedy():
    documented = {cells[0].strip("`"): (int(cells[1]), cells[2]) for cells in table("api.md", "Type")}
    assert documented == {name: (kind.status, kind.remedy) for name, kind in KINDS.items()}


def test_the_page_has_every_reason_why_a_file_is_no_recording():
    assert {cells[0].strip("`") for cells in table("api.md", "Reason")} == set(Flaw)


def test_every_kind_is_answered_somewhere_and_none_that_is_not_there():
    files = [path for path in (ROOT / "api").glob("*.py") if path.name != "problems.py"]
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    assert set(KINDS) <= set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', sources))
    assert set(re.findall(r'Problem\(\s*"([a-z-]+)"', sources)) <= set(KINDS)


def test_a_problem_has_the_members_of_rfc_9457_and_its_own():
    answer = Problem("too-large", "At most 5 bytes.", headers={"Connection": "close"}, reason="size")
    assert answer.answer().headers["content-type"] == "application/problem+json"
    assert answer.answer().headers["connection"] == "close"
    assert TYPE + "too-large" in answer.answer().body.decode()


def test_kinds_of_one_status_are_told_together():
    told = problems("bad-request", "bad-metadata")[400]["description"]
    assert "`bad-request`" in told
    assert "`bad-metadata`" in told
