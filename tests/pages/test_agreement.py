"""The campaign's tab Agreement."""

from records import db
from records.campaigns import Campaign
from records.checks import Check, CheckSpec, PhraseRule
from records.identity import Identity
from records.roles import Role
from tests.pages.dialogs import as_markup
from tests.pages.one_call import NASTY
from tests.pipeline.reviewed import FAIL, PASS, close, judged

OLIVIA = Identity(None, Role.OWNER, "olivia@example.org")


def with_checks(campaign: Campaign) -> None:
    with db.writing() as session:
        for place, name in enumerate((NASTY, "Disclosure")):
            spec = CheckSpec(name=name, rule=PhraseRule(any=("hello",)))
            session.add(Check.of(spec, campaign_id=campaign.id or 0, position=place))


def test_nothing_reviewed_says_what_to_do(cast, see):
    at = see(cast.mia, "campaign.py", id="support")
    assert "No review closed in this time" in [head.value for head in at.subheader]
    at.segmented_control(key="agreement-range").set_value("All time").run()
    assert "No review closed yet" in [head.value for head in at.subheader]


def test_each_check_shows_how_often_people_agree(cast, see):
    with_checks(cast.support)
    close(OLIVIA, judged(cast.support, FAIL, PASS), PASS, PASS)
    for name in ("mia", "carla", "sam", "olivia"):
        at = see(getattr(cast, name), "campaign.py", id="support")
        assert not at.exception
        (table,) = [frame.value for frame in at.dataframe if "Agreed" in frame.value]
        rows = {row["Check"]: (row["Reviewed"], row["Agreed"], row["Too strict"]) for row in table.to_dict("records")}
        assert rows == {NASTY: (1, 0, 1), "Disclosure": (1, 100, 0)}
        assert NASTY not in as_markup(at)
