"""Times, lengths, sizes and scores as people read them."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import PropertyMock, patch

import pytest

from dashboard import words


@pytest.mark.parametrize(
    ("ms", "written"),
    [(None, "–"), (0, "0:00"), (999, "0:00"), (275_400, "4:35"), (3_599_999, "59:59"), (3_729_000, "1:02:09")],
)
def test_a_length_is_written_in_minutes_and_from_an_hour_on_in_hours(ms, written):
    assert words.length(ms) == written


@pytest.mark.parametrize(
    ("score", "written"), [(None, "–"), (0.0, "0"), (100.0, "100"), (69.96, "70"), (69.6, "69.6"), (66.6666, "66.7")]
)
def test_a_score_has_at_most_one_digit_after_the_point(score, written):
    assert words.score(score) == written


@pytest.mark.parametrize(
    ("size", "written"), [(0, "0 bytes"), (999, "999 bytes"), (64_400_000, "64.4 MB"), (2_500_000_000, "2.5 GB")]
)
def test_a_size_is_written_in_its_unit(size, written):
    assert words.size(size) == written


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("Europe/Berlin", "19 Nov 2026, 00:06"),
        ("America/New_York", "18 Nov 2026, 18:06"),
        (None, "18 Nov 2026, 23:06"),
        ("Not/A_Zone", "18 Nov 2026, 23:06"),
        ("../../etc/passwd", "18 Nov 2026, 23:06"),
    ],
)
def test_a_date_is_by_the_viewers_clock(zone, written):
    with patch("streamlit.runtime.context.ContextProxy.timezone", new_callable=PropertyMock, return_value=zone):
        assert words.date(datetime(2026, 11, 18, 23, 6, tzinfo=UTC)) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "just now"), (59, "just now"), (60, "1 minute ago"), (3599, "59 minutes ago"), (7200, "2 hours ago")],
)
def test_what_was_a_while_ago_is_said_so(seconds, written):
    assert words.ago(datetime.now(UTC) - timedelta(seconds=seconds)) == written


def test_what_was_days_ago_is_a_date_and_what_never_was_a_dash():
    with patch.object(words.st, "context") as browser:
        browser.timezone = "UTC"
        assert words.ago(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2 Jan 2026, 03:04"
    assert words.ago(None) == "–"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("Ada Moss", "Ada Moss"),
        ("**bold** _it_ `code`", r"\*\*bold\*\* \_it\_ \`code\`"),
        ("<b>x</b> [a](b) :red[c] $x$", r"\<b\>x\</b\> \[a\]\(b\) \:red\[c\] \$x\$"),
        ("# one\n- two\t3", r"\# one \- two 3"),
        ("😀 Zoë", "😀 Zoë"),
        ("www.a.b", "www\u2060\\.a\\.b"),
        ("http://a", "http\\:\u2060//a"),
        ("a--b", "a\\-\u2060\\-b"),
    ],
)
def test_what_markdown_would_read_stays_as_it_is(given, written):
    assert words.plain(given) == written


@pytest.mark.parametrize(("zone", "utc"), [("Europe/Berlin", "22:59:59"), ("UTC", "23:59:59")])
def test_a_day_ends_by_the_viewers_clock(zone, utc):
    with patch("streamlit.runtime.context.ContextProxy.timezone", new_callable=PropertyMock, return_value=zone):
        end = words.end_of_day(date(2026, 11, 18))
        assert end.astimezone(UTC).isoformat() == f"2026-11-18T{utc}+00:00"
        assert words.to_the_second(end) == "18 Nov 2026, 23:59:59"


def test_a_day_begins_by_the_viewer_s_own_clock():
    with patch.object(type(words.st.context), "timezone", PropertyMock(return_value="Europe/Berlin")):
        assert words.begins(date(2026, 11, 18)) == datetime(2026, 11, 17, 23, tzinfo=UTC)
        assert words.short_day(datetime(2026, 11, 17, 23, 30, tzinfo=UTC)) == "18 Nov"


@pytest.mark.parametrize(
    ("part", "written"), [(None, "–"), (0.0, "0%"), (0.5, "50%"), (0.2814, "28.1%"), (1.0, "100%")]
)
def test_a_share_is_written_in_percent(part, written):
    assert words.share(part) == written
