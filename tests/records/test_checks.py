import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.sound.figures import METRICS
from records import db
from records.campaigns import Campaign
from records.checks import METRIC_NAMES, AiRule, Check, CheckSpec, MetricRule, PhraseRule
from records.statuses import CheckKind
from tests.pipeline.specs import specs


def test_the_metrics_of_rules_are_those_that_are_measured():
    assert set(get_args(METRIC_NAMES)) == set(METRICS)


@given(specs())
def test_a_row_gives_its_spec_back(spec: CheckSpec):
    row = Check.of(spec, campaign_id=1, position=1)
    assert row.spec() == spec
    assert row.kind is spec.rule.kind
    assert json.loads(json.dumps(row.rule, allow_nan=False)) == row.rule


def test_a_rule_is_stored_with_its_kind(campaign: Campaign):
    with db.writing() as session:
        row = Check.of(CheckSpec(name="A", rule=AiRule(criterion="Was it?")), campaign_id=campaign.id, position=9)
        session.add(row)
    with db.reading() as session:
        stored = session.get_one(Check, row.id)
    assert (stored.rule, stored.kind) == ({"kind": "ai", "criterion": "Was it?"}, CheckKind.AI)


PHRASE = {"kind": "phrase", "any": ["thank you"]}
METRIC = {"kind": "metric", "metric": "duration_s", "at_most": 5}
AI = {"kind": "ai", "criterion": "Was the agent kind?"}


@pytest.mark.parametrize(
    "rule",
    [
        PHRASE | {"all": ["bye"]},
        PHRASE | {"any": []},
        {"kind": "phrase"},
        PHRASE | {"any": ["x"]},
        PHRASE | {"any": ["!!"]},
        PHRASE | {"any": ["   "]},
        PHRASE | {"any": ["🎧🎧"]},
        PHRASE | {"any": ["x" * 301]},
        PHRASE | {"any": ["ab"] * 201},
        PHRASE | {"speaker": "robot"},
        PHRASE | {"within_first_s": 0},
        PHRASE | {"within_first_s": -1},
        PHRASE | {"within_first_s": float("inf")},
        PHRASE | {"within_last_s": float("nan")},
        PHRASE | {"within_first_s": 5, "within_last_s": 5},
        PHRASE | {"criterion": "of another kind"},
        METRIC | {"metric": "loudness"},
        {"kind": "metric", "metric": "duration_s"},
        METRIC | {"at_least": 6},
        METRIC | {"at_most": float("nan")},
        METRIC | {"at_most": float("inf")},
        METRIC | {"at_least": float("-inf")},
        METRIC | {"any": ["thank you"]},
        AI | {"criterion": "no"},
        AI | {"criterion": "x" * 4001},
        AI | {"weight": 5},
        {"kind": "telepathy"},
        {},
    ],
    ids=repr,
)
def test_a_rule_that_means_nothing_is_refused(rule: dict):
    with pytest.raises(ValidationError):
        CheckSpec.model_validate({"name": "A", "rule": rule})


@pytest.mark.parametrize("rule", [PHRASE, METRIC, AI, METRIC | {"at_least": 5}, PHRASE | {"any": ["né à"]}], ids=repr)
def test_a_rule_that_means_something_is_taken(rule: dict):
    CheckSpec.model_validate({"name": "A", "rule": rule})


@pytest.mark.parametrize("weight", [-0.1, 100.1, float("nan"), float("inf"), "heavy", None])
def test_a_weight_is_between_0_and_100(weight: object):
    with pytest.raises(ValidationError):
        CheckSpec.model_validate({"name": "A", "weight": weight, "rule": AI})


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b", "a\nb", 5, None])
def test_a_check_has_a_name(name: object):
    with pytest.raises(ValidationError):
        CheckSpec.model_validate({"name": name, "rule": AI})


def test_a_section_is_a_line_too():
    with pytest.raises(ValidationError, match="cannot be shown"):
        CheckSpec.model_validate({"name": "A", "section": "a\x00b", "rule": AI})


def test_a_rule_cannot_be_changed_afterwards():
    with pytest.raises(ValidationError):
        MetricRule(metric="duration_s", at_most=5).at_most = 6


@given(st.sampled_from(["any", "all", "none"]), st.lists(st.just("thank you"), min_size=1, max_size=3))
def test_the_phrases_are_those_of_the_one_list_given(key: str, phrases: list[str]):
    assert PhraseRule.model_validate({key: phrases}).phrases == tuple(phrases)
