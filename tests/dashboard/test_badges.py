"""The words and colours of the manual, and one badge for every member."""

import pytest
from streamlit.material_icon_names import ALL_MATERIAL_ICONS

from dashboard import badges
from records.api_keys import KeyState
from records.deliveries import DeliveryState
from records.roles import Role
from records.statuses import BulkStatus, CallStatus, CheckKind, RunReason, Source, Verdict

SLATE, PURPLE, AMBER = "gray", "violet", "orange"  # as Streamlit calls the colours that the theme gives it


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (badges.CALL, CallStatus),
        (badges.BULK, BulkStatus),
        (badges.SOURCE, Source),
        (badges.VERDICT, Verdict),
        (badges.CHECK_KIND, CheckKind),
        (badges.KEY, KeyState),
        (badges.DELIVERY, DeliveryState),
        (badges.RUN_REASON, RunReason),
        (badges.ROLE, Role),
    ],
)
def test_every_member_has_its_words(table, kind):
    assert set(table) == set(kind)


def test_call_statuses_look_as_the_manual_says():
    assert [(badge.label, badge.colour) for badge in badges.CALL.values()] == [
        ("Pending", SLATE),
        ("Transcribing", "blue"),
        ("Analyzing", PURPLE),
        ("Completed", "green"),
        ("Failed", "red"),
    ]


def test_sources_look_as_the_manual_says():
    assert [(badge.label, badge.colour) for badge in badges.SOURCE.values()] == [
        ("UI", "blue"),
        ("API", PURPLE),
        ("Bulk Job", AMBER),
        ("SFTP", "green"),
    ]


def test_roles_bear_the_manuals_words():
    assert list(badges.ROLE.values()) == ["Agent", "Manager", "Compliance Officer", "Senior Manager", "Owner"]


def test_every_badge_has_an_icon_that_the_font_holds_and_no_two_of_a_kind_share_one():
    for table in (badges.CALL, badges.BULK, badges.SOURCE, badges.VERDICT, badges.KEY, badges.DELIVERY):
        icons = [badge.icon for badge in table.values()]
        assert set(icons) <= ALL_MATERIAL_ICONS
        assert len(set(icons)) == len(icons)
