"""The scorecards to begin with: complete, sensible, and true to how people speak."""

import pytest

from pipeline import checksheet, templates
from pipeline.evaluators.phrases import Phrases
from pipeline.templates import EMPTY, FOLDER, TEMPLATES
from records.campaigns import NotUsable, create
from records.checks import CheckSpec, PhraseRule
from records.db import writing
from records.identity import COMMAND_LINE
from records.statuses import CheckKind, Verdict
from tests.pipeline.made import case, conversation

FULL = [name for name in TEMPLATES if name != EMPTY]
WELL_SPOKEN = (
    ("agent", "Good morning, thank you for calling Acme. My name is Ada, how can I help you today?"),
    ("customer", "Hi, I have a question about a payment that is past due on my account."),
    (
        "agent",
        "Sure. Just so you know, this call may be recorded for quality and training. It's your outstanding balance.",
    ),
    ("customer", "Okay."),
    ("agent", "Thank you. I've set it up, and I'll send you an email with the next steps."),
    ("agent", "Is there anything else I can help you with? No? Then have a great day, goodbye."),
)
BADLY_SPOKEN = (
    ("agent", "Yeah, what is it? Calm down. That's not my problem, there's nothing I can do."),
    ("agent", "I guarantee you it's risk free. Read me the three digits on the back of your card."),
    ("agent", "If you don't pay you will be arrested and go to jail, and we'll tell your employer."),
)


def judged(name: str, turns) -> dict[str, Verdict]:
    """What the template's phrase checks find in a call."""
    checks = [spec for spec in TEMPLATES[name].checks if isinstance(spec.rule, PhraseRule)]
    heard = case(conversation(*turns), duration_s=45)
    findings = Phrases().evaluate(heard, checks).value.findings
    return {spec.name: findings[place].verdict for place, spec in enumerate(checks)}


def test_every_file_is_a_template_and_every_template_has_its_file():
    assert {path.name for path in FOLDER.iterdir()} == {template.file for template in TEMPLATES.values()} - {""}


@pytest.mark.parametrize("name", FULL)
def test_a_template_is_a_whole_scorecard(name):
    checks = templates.find(name).checks
    assert 8 <= len(checks) <= 14
    assert {spec.rule.kind for spec in checks} == set(CheckKind)
    assert all(spec.section and spec.active and 0 < spec.weight <= 25 for spec in checks)
    assert 1 <= sum(spec.critical for spec in checks) <= 7
    sections = [spec.section for spec in checks]
    assert 3 <= len(set(sections)) <= 6
    assert sections == sorted(sections, key=sections.index), "each section is in one piece"
    assert checksheet.read(checksheet.write(list(checks))) == list(checks)


@pytest.mark.parametrize("name", FULL)
def test_the_phrases_are_met_by_a_call_that_is_well_spoken(name):
    found = judged(name, WELL_SPOKEN)
    assert set(found.values()) == {Verdict.PASS}, found


@pytest.mark.parametrize("name", FULL)
def test_the_phrases_catch_a_call_that_is_not(name):
    found = judged(name, BADLY_SPOKEN)
    assert set(found.values()) == {Verdict.FAIL}, found


@pytest.mark.parametrize("name", FULL)
def test_a_criterion_says_what_to_look_for(name):
    written = [spec.rule.criterion for spec in TEMPLATES[name].checks if spec.rule.kind is CheckKind.AI]
    assert all(40 < len(criterion) < 400 and criterion.strip().endswith(".") for criterion in written)


def test_the_empty_template_brings_nothing_and_an_unknown_one_names_the_others():
    assert templates.find(EMPTY).checks == ()
    with pytest.raises(NotUsable, match="There are: customer-service, sales, collections, compliance, empty"):
        templates.find("nonsense")


def test_a_campaign_is_made_from_each(home):
    for name, template in TEMPLATES.items():
        with writing() as session:
            assert create(session, COMMAND_LINE, template.label, template.checks).slug
        assert all(isinstance(spec, CheckSpec) for spec in template.checks), name
