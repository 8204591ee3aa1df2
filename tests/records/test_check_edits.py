"""Editing a campaign's checks at once: identities, limits, and two who edit at the same time."""

from collections.abc import Sequence
from dataclasses import replace as with_

import pytest
from sqlmodel import select

from records import check_edits, db
from records.access import COMMAND_LINE, Identity, NotAllowed, NotFound
from records.audit import AuditEntry
from records.campaigns import Campaign, NotUsable, create
from records.check_edits import MOST, ChangedMeanwhile, Difference, Kept, Loaded, difference, thresholds, twins
from records.checks import AiRule, Check, CheckSpec, MetricRule, PhraseRule
from records.roles import Role
from tests.conftest import CHECKS
from tests.records.made import stored_campaign

POLITE = CheckSpec(name="Polite", section="Handling", weight=7, rule=AiRule(criterion="The agent is polite."))


def load(slug: str = "support", who: Identity = COMMAND_LINE) -> Loaded:
    with db.reading() as session:
        return check_edits.load(session, who, slug)


def save(rows: Sequence[Kept], seen: str, *, who: Identity = COMMAND_LINE, slug: str = "support") -> Difference:
    with db.writing() as session:
        return check_edits.replace(session, who, slug, rows, seen=seen)


def as_role(role: Role, *campaigns: Campaign) -> Identity:
    return Identity(None, role, "somebody", campaign_ids=frozenset(each.id or 0 for each in campaigns))


def audited() -> list[dict]:
    with db.reading() as session:
        return [row.details for row in session.exec(select(AuditEntry).where(AuditEntry.act == "checks.edit"))]


def renamed(kept: Kept, name: str) -> Kept:
    return with_(kept, spec=kept.spec.model_copy(update={"name": name}))


def test_what_is_loaded_is_in_order_and_its_fingerprint_is_the_same_each_time(campaign):
    loaded = load()
    assert tuple(row.spec for row in loaded.rows) == CHECKS
    assert load() == loaded


def test_checks_are_added_changed_moved_and_removed_in_one_go_and_the_others_keep_their_ids(database):
    with db.writing() as session:
        create(session, COMMAND_LINE, "Support", CHECKS)
    greeting, disclosure, silence = load().rows
    made = save([silence, Kept(None, POLITE), renamed(greeting, "Hello")], load().seen)
    assert made == Difference(added=("Polite",), changed=("Hello",), removed=("Disclosure",), moved=True)
    after = load()
    assert [row.spec.name for row in after.rows] == ["No long silence", "Polite", "Hello"]
    assert (after.rows[0].id, after.rows[2].id) == (silence.id, greeting.id)
    assert after.rows[1].id not in {greeting.id, disclosure.id, silence.id, None}
    assert audited() == [
        {
            "what": "1 added, 1 changed, 1 removed, order changed",
            "added": ["Polite"],
            "changed": ["Hello"],
            "removed": ["Disclosure"],
        }
    ]


def test_a_check_may_become_one_of_another_kind_and_stays_the_same_check(campaign):
    loaded = load()
    other = with_(loaded.rows[0], spec=POLITE)
    save([other, *loaded.rows[1:]], loaded.seen)
    assert load().rows[0] == other


def test_nothing_changed_writes_nothing(campaign):
    loaded = load()
    assert not save(loaded.rows, loaded.seen)
    assert audited() == []


def test_all_checks_may_go(campaign):
    assert save([], load().seen).removed == ("Greeting", "Disclosure", "No long silence")
    assert load().rows == ()


def test_who_saves_over_what_somebody_else_saved_is_told_and_nothing_is_written(database):
    with db.writing() as session:
        create(session, COMMAND_LINE, "Support", CHECKS)
    mine = load()
    save([*mine.rows, Kept(None, POLITE)], mine.seen)
    theirs = load()
    with pytest.raises(ChangedMeanwhile, match="Nothing of yours is lost"):
        save([renamed(mine.rows[0], "Mine"), *mine.rows[1:]], mine.seen)
    assert load() == theirs
    assert len(audited()) == 1


def test_a_check_of_another_campaign_is_not_taken_along(campaign):
    with db.writing() as session:
        create(session, COMMAND_LINE, "Sales", CHECKS)
    foreign = load("sales").rows[0]
    for rows in ([foreign], [Kept(99_999, POLITE)], [load().rows[0], load().rows[0]]):
        with pytest.raises(NotUsable, match="not this campaign's"):
            save(rows, load().seen)
    assert len(load("sales").rows) == len(load().rows) == 3


def test_too_many_and_twins_are_refused_in_words(campaign):
    many = [Kept(None, POLITE.model_copy(update={"name": f"N{n}"})) for n in range(MOST + 1)]
    with pytest.raises(NotUsable, match=f"101 checks; a scorecard holds at most {MOST}"):
        save(many, load().seen)
    twin = Kept(None, POLITE.model_copy(update={"name": " poLITE "}))
    with pytest.raises(NotUsable, match="Checks 1 and 2 are both called"):
        save([Kept(None, POLITE), twin], load().seen)
    assert save(many[:MOST], load().seen).added


@pytest.mark.parametrize("role", Role)
def test_only_seniors_edit_checks(campaign, role):
    who, seen = as_role(role, campaign), load().seen
    if role in {Role.OWNER, Role.SENIOR_MANAGER}:
        assert save([], seen, who=who).removed
        return
    with pytest.raises(NotAllowed):
        save([], seen, who=who)
    assert len(load().rows) == 3


def test_reading_is_narrowed_to_what_one_may_see(campaign):
    with db.writing() as session:
        sales = stored_campaign(session, "Sales")
    assert load(who=as_role(Role.MANAGER, campaign)).rows
    for who in (as_role(Role.MANAGER, sales), as_role(Role.AGENT, campaign)):
        with pytest.raises(NotFound):
            load(who=who)
    with pytest.raises(NotFound):
        save([], "", slug="nowhere")


def test_a_renamed_section_takes_its_threshold_along_and_one_that_goes_loses_it(campaign):
    with db.writing() as session:
        session.get_one(Campaign, campaign.id).section_thresholds = {"Opening": 80, "Handling": 50}
    loaded = load()
    rows = [
        with_(row, spec=row.spec.model_copy(update={"section": row.spec.section.replace("Opening", "Start")}))
        for row in loaded.rows[:2]
    ]
    save(rows, loaded.seen)
    with db.reading() as session:
        assert session.get_one(Campaign, campaign.id).section_thresholds == {"Start": 80}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (["A", "A"], {"A": 80}),
        (["B", "B"], {"B": 80}),
        (["B", "C"], {}),
        (["", ""], {}),
        (["A", "B"], {"A": 80}),
    ],
)
def test_a_threshold_moves_only_with_a_whole_section(after, expected):
    def rows(sections):
        return [Kept(n, POLITE.model_copy(update={"section": each})) for n, each in enumerate(sections, start=1)]

    assert thresholds({"A": 80}, rows(["A", "A"]), rows(after)) == expected


def test_twins_are_found_by_what_people_read():
    specs = [POLITE, POLITE.model_copy(update={"section": "Other"}), POLITE.model_copy(update={"name": "POLITE  "})]
    assert twins(specs) == [(2, 0)]


def test_a_difference_is_said_in_a_few_words():
    rows = [Kept(1, CHECKS[0]), Kept(2, CHECKS[1])]
    assert difference(rows, rows).words == ""
    assert difference(rows, rows[::-1]).words == "order changed"
    assert difference(rows, [Kept(1, POLITE)]).words == "1 changed, 1 removed"


def test_a_rule_is_stored_as_it_is_read(campaign):
    rule = PhraseRule(none=("ÄRGER 🎧", "x1"), speaker="customer", within_last_s=12.5)
    metric = MetricRule(metric="agent_talk_share", at_least=0.25, at_most=0.8)
    specs = [CheckSpec(name="N", rule=rule), CheckSpec(name="M", rule=metric, active=False, weight=0)]
    save([Kept(None, spec) for spec in specs], load().seen)
    assert [row.spec for row in load().rows] == specs
    with db.reading() as session:
        assert [check.position for check in session.exec(select(Check).order_by(Check.position))] == [1, 2]
