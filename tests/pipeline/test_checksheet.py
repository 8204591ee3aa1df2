import resource
from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checksheet import BadChecks, read, write
from records.checks import AiRule, CheckSpec, MetricRule, PhraseRule
from tests.conftest import CHECKS
from tests.pipeline.specs import specs

MANUAL = """
checks:
  - {name: Kindness, section: Handling, kind: ai, criterion: "Was the agent kind?", weight: 10, critical: false}
  - {name: Greeting, kind: phrase, any: ["thank you for calling"], speaker: agent, within_first_s: 30, weight: 5}
  - {name: No promises, kind: phrase, none: ["I guarantee"], active: no}
  - {name: Closing, kind: phrase, all: ["thank you", "goodbye"], within_last_s: 20}
  - {name: Silence, kind: metric, metric: longest_silence_s, at_most: 20, weight: 5}
  - {name: Talk, kind: metric, metric: agent_talk_share, at_least: 0.3, at_most: 0.7}
"""
GOOD = "{name: A, kind: ai, criterion: 'Was it so?'}"


def refusal(text: str) -> str:
    with pytest.raises(BadChecks) as error:
        read(text)
    words = str(error.value)
    assert "Traceback" not in words
    assert len(words) < 3000
    return words


def of(*rows: str) -> str:
    return "checks:\n" + "\n".join(f"  - {row}" for row in rows)


def test_the_file_of_the_contract_is_read():
    kindness, greeting, promises, closing, silence, talk = read(MANUAL)
    assert kindness == CheckSpec(name="Kindness", section="Handling", rule=AiRule(criterion="Was the agent kind?"))
    assert greeting.rule == PhraseRule(any=("thank you for calling",), speaker="agent", within_first_s=30)
    assert (greeting.weight, promises.active, promises.rule.none) == (5, False, ("I guarantee",))
    assert closing.rule == PhraseRule(all=("thank you", "goodbye"), within_last_s=20)
    assert silence.rule == MetricRule(metric="longest_silence_s", at_most=20)
    assert talk.rule == MetricRule(metric="agent_talk_share", at_least=0.3, at_most=0.7)


def by_place(spec: CheckSpec) -> tuple[str, str]:
    return (" ".join(spec.section.casefold().split()), " ".join(spec.name.casefold().split()))


@given(st.lists(specs(), min_size=1, max_size=6, unique_by=by_place))
def test_what_is_written_is_read_back_unchanged(made: list[CheckSpec]):
    assert read(write(made)) == made


def test_what_is_written_is_plain_and_short():
    text = write(list(CHECKS))
    assert "!" not in text
    assert "within_last_s" not in text, "what was left at its default stays out"
    assert yaml.safe_load(text)["checks"][0] == {
        "name": "Greeting",
        "section": "Opening",
        "kind": "phrase",
        "any": ["thank you for calling"],
        "speaker": "agent",
    }


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{kind: ai, criterion: 'Was it so?'}", "Check 2 (without a name): name: is missing."),
        (
            "{name: 5, kind: ai, criterion: 'Was it so?'}",
            "Check 2 (without a name): name: must be text; put it in quotes.",
        ),
        ("{name: '', kind: ai, criterion: 'Was it so?'}", "Check 2 (''): name: give it a name."),
        ("{name: B}", "Check 2 ('B'): kind: must be ai, phrase or metric."),
        ("{name: B, kind: telepathy}", "Check 2 ('B'): kind: must be ai, phrase or metric."),
        ("{name: B, kind: ai}", "Check 2 ('B'): criterion: is missing."),
        (
            "{name: B, kind: ai, criterion: x}",
            "Check 2 ('B'): criterion: String should have at least 3 characters.",
        ),
        (
            "{name: B, kind: ai, criterion: 'Was it?', critcal: yes}",
            "Check 2 ('B'): critcal: is no field of such a check.",
        ),
        (
            "{name: B, kind: ai, criterion: 'Was it?', weight: 101}",
            "Check 2 ('B'): weight: Input should be less than or equal to 100.",
        ),
        (
            "{name: B, kind: ai, criterion: 'Was it?', section: }",
            "Check 2 ('B'): section: is empty; give a value, or leave the line out.",
        ),
        (
            "{name: B, kind: phrase}",
            "Check 2 ('B'): give exactly one of any:, all: or none:, with at least one phrase.",
        ),
        (
            "{name: B, kind: phrase, any: [hello, no]}",
            "Check 2 ('B'): any, item 2: must be text; put it in quotes.",
        ),
        ("{name: B, kind: phrase, any: hello}", "Check 2 ('B'): any: Input should be a valid tuple."),
        (
            "{name: B, kind: phrase, any: [hello], speaker: robot}",
            "Check 2 ('B'): speaker: Input should be 'agent', 'customer' or 'either'.",
        ),
        (
            "{name: B, kind: phrase, any: [hello], within_first_s: .inf}",
            "Check 2 ('B'): within_first_s: Input should be a finite number.",
        ),
        ("{name: B, kind: metric, at_most: 5}", "Check 2 ('B'): metric: is missing."),
        ("{name: B, kind: metric, metric: duration_s}", "Check 2 ('B'): give at_most or at_least."),
        (
            "{name: B, kind: metric, metric: duration_s, at_most: .nan}",
            "Check 2 ('B'): at_most: Input should be a finite number.",
        ),
        ("{name: B, kind: ai, criterion: 'Was it?', 7: x}", "Check 2 ('B'): 7: is no field of such a check."),
        ("Greeting", "Check 2 is not a set of fields, such as 'name: Greeting'."),
        ("[a, b]", "Check 2 is not a set of fields, such as 'name: Greeting'."),
        ("", "Check 2 is not a set of fields, such as 'name: Greeting'."),
    ],
)
def test_a_mistake_is_named_by_its_check_and_field(row: str, words: str):
    assert refusal(of(GOOD, row)) == words


def test_an_unknown_metric_is_named_by_its_field_and_the_ones_there_are():
    words = refusal(of("{name: B, kind: metric, metric: loudness, at_most: 5}"))
    assert words.startswith("Check 1 ('B'): metric: Input should be 'duration_s', ")


def test_every_mistake_is_named_at_once():
    words = refusal(of("{name: A, kind: ai, weight: 500}", GOOD, "{name: C, kind: phrase, any: [x, y, zz]}"))
    assert [line.split(": ")[:2] for line in words.splitlines()] == [
        ["Check 1 ('A')", "weight"],
        ["Check 1 ('A')", "criterion"],
        ["Check 3 ('C')", "any, item 1"],
        ["Check 3 ('C')", "any, item 2"],
    ]


def test_a_flood_of_mistakes_is_cut():
    words = refusal(of(*["{name: A}"] * 100)).splitlines()
    assert (len(words), words[-1]) == (11, "... and 90 more.")


@pytest.mark.parametrize(("count", "taken"), [(1, True), (100, True), (101, False)])
def test_a_scorecard_holds_at_most_a_hundred_checks(count: int, taken: bool):
    text = of(*(GOOD.replace("A", f"A{number}", 1) for number in range(count)))
    if taken:
        assert len(read(text)) == count
    else:
        assert refusal(text) == "The file has 101 checks; a scorecard holds at most 100."


def test_two_checks_of_one_name_in_one_section_are_refused():
    words = refusal(of(GOOD, GOOD.replace("A", "B"), "{name: '  a', kind: ai, criterion: 'Something else'}"))
    assert words == "Check 3 ('  a'): name: check 1 has this name already."
    in_section = "{name: A, section: Opening, kind: ai, criterion: 'Was it so?'}"
    assert refusal(of(in_section, in_section)).endswith("check 1 in section 'Opening' has this name already.")


def test_one_name_in_two_sections_is_fine():
    assert len(read(of(GOOD, "{name: A, section: Closing, kind: ai, criterion: 'Was it so?'}"))) == 2


TAGS = "This is not YAML at line 1: tags (!name) are not taken; write plain values."
NO_LIST = "The file needs 'checks:' with a list of at least one check."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "# only words",
        "checks:",
        "checks: []",
        "checks: {}",
        "checks: 5",
        "- a",
        "hello",
        "Checks: [1]",
        "null",
        "5",
    ],
)
def test_a_file_without_checks_says_what_it_needs(text: str):
    assert refusal(text) == NO_LIST


def test_something_beside_the_checks_is_named():
    words = refusal(of(GOOD) + "\nthreshold: 80")
    assert words == "The file holds 'threshold:' beside 'checks:'. Nothing else belongs there."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("checks:\n\t- a", "This is not YAML at line 2: "),
        ("checks: [a", "This is not YAML at line 1: "),
        ("checks:\n  - name: 'A", "This is not YAML at line 2: "),
        ("a: b: c", "This is not YAML at line 1: "),
        (of(GOOD) + "\n---\n" + of(GOOD), "This is not YAML at line 3: "),
        ("checks:\n- \x00", "This is not YAML at line 2: it holds a character that no text has."),
        ("checks:\n- \ud800", "This is not YAML at line 2: it holds a character that no text has."),
        ("checks: !!python/object/apply:os.system ['true']", TAGS),
        ("checks: !mine [a]", TAGS),
        ("checks: !!set {a, b}", TAGS),
        ("checks: !!binary '*'", TAGS),
        ("!!python/tuple [a]", TAGS),
        ("checks: &all [*all]", "This is not YAML at line 1: aliases (*name) are not taken; write it out."),
        ("checks:\n- {name: A, name: B}", "This is not YAML at line 2: 'name' is given twice."),
        ("checks: []\nchecks: [a]", "This is not YAML at line 2: 'checks' is given twice."),
        ("checks: " + "[" * 50 + "]" * 50, "This is not YAML at line 1: it is nested too deeply"),
        ("checks: " + "[" * 100_000, "This is not YAML at line 1: it is nested too deeply"),
        ("checks: " + "{a: " * 5000, "This is not YAML at line 1: it is nested too deeply"),
        ("checks: " + "9" * 5000, "The file holds a value that cannot be read"),
        ("checks: !!binary '*'", "This is not YAML at line 1: "),
        ("? [a]\n: b", "This is not YAML at line 1: found unhashable key."),
        ("x" * 500_001, "The file has 500,001 characters; at most 500,000 are read."),
    ],
)
def test_what_is_no_plain_yaml_is_refused_in_words(text: str, words: str):
    assert refusal(text).startswith(words)


def bomb(how: str) -> str:
    """A few lines that unfold to a billion: by aliases in lists, or by merging mappings."""
    if how == "lists":
        levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
        return "\n".join(levels) + "\nchecks: [{name: *a9}]"
    levels = ["a0: &a0 {k: v}"]
    levels += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 10)]
    return "\n".join(levels) + "\nchecks: [*a9]"


@pytest.mark.parametrize("how", ["lists", "merges"])
def test_a_bomb_of_aliases_is_refused_at_its_first_alias(how: str):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(bomb(how)) == "This is not YAML at line 2: aliases (*name) are not taken; write it out."
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes


def test_a_huge_name_is_clipped_in_the_words():
    assert len(refusal(of(f"{{name: {'x' * 10_000}, kind: ai, criterion: 'Was it so?'}}"))) < 300


def test_a_byte_order_mark_and_windows_line_ends_are_fine():
    assert len(read("\ufeff" + MANUAL.replace("\n", "\r\n"))) == 6


def test_a_date_in_a_name_is_text():
    assert read(of(GOOD.replace("A", "2026-01-01")))[0].name == "2026-01-01"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text: str):
    for content in (text, f"checks: {text}", f"checks:\n- {text}", f"checks:\n- {{name: A, kind: {text}}}"):
        with suppress(BadChecks):
            read(content)
