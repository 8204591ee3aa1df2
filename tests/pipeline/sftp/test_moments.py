from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeline.sftp.facts import moments
from pipeline.sftp.facts.moments import parts, read

ALL = "2025-11-04 10:31:08"


def at(*dated, clocks=(), zone="UTC", day_first=True, formats=()):
    """The moment as text, without its zone, which is always UTC; empty where it was not understood."""
    moment, note = read(dated, clocks, zone=zone, day_first=day_first, formats=formats)
    assert moment or note
    assert moment is None or moment.tzinfo is UTC
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


@pytest.mark.parametrize(
    "text",
    [
        *(ALL, "2025-11-04T10:31:08", "2025-11-04T10:31:08Z", "2025-11-04T10:31:08.000Z", "20251104T103108Z"),
        *("20251104-103108", "20251104103108", "20251104_103108", "2025_11_04_10_31_08", "2025-11-04T10-31-08"),
        *(
            "2025-11-04T10:31:08+00:00",
            "2025-11-04T11:31:08+01:00",
            "2025-11-04 05:31:08 -0500",
            "2025-11-04T15:31:08+05",
        ),
        *(
            "04/11/2025 10:31:08",
            "4/11/2025 10:31:08 AM",
            "04.11.2025 10:31:08",
            "4.11.25 10:31:08",
            "04-11-2025 10.31.08",
        ),
        *("4 Nov 2025 10:31:08", "04-Nov-25 10:31:08", "Tue, 04 Nov 2025 10:31:08 GMT", "November 4th, 2025 10:31:08"),
        *("Nov 4, 2025 at 10:31:08", "2025 Nov 04 10:31:08", "Tue, 04 Nov 2025 05:31:08 EST", "4 Sept 2025 10:31:08"),
        *("1762252268", "1762252268000", "1762252268.0", "1762252268000000", "2025/11/04 10:31:08,000"),
        *("2025-11-04T10:31:08_UTC", "2025-11-04 10:31:08 UTC+0", "2025-11-04T11:31:08+01:00[Europe/Vienna]"),
        "Tue Nov 04 2025 11:31:08 GMT+0100 (Central European Standard Time)",
    ],
)
def test_a_time_is_read_as_machines_write_it(text):
    assert at(text) == ALL.replace("-11-", "-09-" if "Sept" in text else "-11-")


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", "May", "7 May", "May 2025", "2025", "10:31", "now", "yesterday", "Tuesday", "-", "0", "12"),
        *("30/02/2025 10:00", "2025-02-30", "2025-13-01", "31/04/2025", "2025-11-04 25:00", "2025-11-04 10:61"),
        *("2025-11-04 13:00 AM", "2025-11-04 10:31 XYZ", "2025-11-04 10:31 +25:00", "2025-11-04 10:31 and more"),
        *("0000-00-00 00:00:00", "1899-12-30 10:00", "2199-01-01", "4436170733", "99999999999999", "1", "12345678"),
        *("2025-1104", "04/11-2025", "4 Maybe 2025", "4 Novel 2025", "9" * 5000, "2025-11-04 " * 50, "٣٠/٠٢/٢٠٢٥"),
    ],
)
def test_no_time_is_invented(text):
    moment, note = read([text], zone="UTC", day_first=True)
    assert moment is None
    assert bool(note) is bool(text.strip())
    assert len(note) < 250


def test_the_campaign_says_whether_the_day_comes_first():
    assert at("03/04/2025 10:00", day_first=True) == "2025-04-03 10:00:00"
    assert at("03/04/2025 10:00", day_first=False) == "2025-03-04 10:00:00"
    assert at("03/25/2025 10:00", day_first=True) == "", "one file is not read in two ways"
    assert at("2025/03/04 10:00", day_first=False) == "2025-03-04 10:00:00"


@pytest.mark.parametrize(
    ("dated", "clocks", "expected"),
    [
        (["2025-11-04"], ["10:31:08"], ALL),
        (["2025-11-04"], ["10-31-08"], ALL),
        (["2025-11-04"], ["103108"], ALL),
        (["4/11/2025"], ["10:31:08 AM"], ALL),
        (["2025-11-04"], ["05:31:08 -05:00"], ALL),
        (["2025-11-04"], ["1899-12-30 10:31:08", "10:31:08"], ALL),
        (["2025-11-04", "10:31:08"], [], ALL),
        (["10:31:08", "2025-11-04"], [], ALL),
        (["soon", ALL], [], ALL),
        ([ALL], ["23:59"], ALL),
        (["2025-11-04"], [], "2025-11-04 00:00:00"),
        (["2025-11-04"], ["later"], ""),
        ([], ["10:31:08"], ""),
    ],
)
def test_a_date_and_a_time_of_day_make_one_moment(dated, clocks, expected):
    assert at(*dated, clocks=clocks) == expected


def test_a_half_day_has_twelve_hours():
    assert [at(f"2025-11-04 {text}")[11:16] for text in ("12:05 AM", "12:05 pm", "1:05 P.M.", "11:59PM", "7 pm")] == [
        *("00:05", "12:05", "13:05", "23:59", "19:00")
    ]


def test_a_time_without_a_zone_is_the_campaigns():
    assert at(ALL, zone="America/New_York") == "2025-11-04 15:31:08"
    assert at(ALL, zone="Asia/Kolkata") == "2025-11-04 05:01:08"
    assert at(f"{ALL} UTC", zone="Asia/Kolkata") == ALL
    assert at("1762252268000", zone="Asia/Kolkata") == ALL


def test_hours_that_clocks_leave_out_or_repeat_are_read_and_noted():
    gap, words = read(["2025-03-30 02:30"], zone="Europe/Vienna", day_first=True)
    assert gap == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
    assert words == "02:30 was never on 2025-03-30 in Europe/Vienna: read as 03:30."
    twice, words = read(["2025-10-26 02:30"], zone="Europe/Vienna", day_first=True)
    assert twice == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert "was twice on 2025-10-26" in words
    assert read(["2025-10-26 02:30 +01:00"], zone="Europe/Vienna", day_first=True)[1] == ""


def test_formats_alone_decide_where_they_are_given():
    forms = ("%m_%d_%Y %I_%M_%S %p", "%d%m%y-%H%M")
    assert at("11_4_2025", clocks=["10_31_08 AM"], formats=forms) == ALL
    assert at("041125-1031", formats=forms) == "2025-11-04 10:31:00"
    assert at("041125-1031 UTC", formats=forms, zone="Asia/Kolkata") == "2025-11-04 10:31:00"
    assert (
        at("2025-11-04T10:31:08+0100", formats=("%Y-%m-%dT%H:%M:%S%z",), zone="Asia/Kolkata") == "2025-11-04 09:31:08"
    )
    assert at(ALL, formats=forms) == ""
    assert at("30_02_2025 10_00_00 AM", formats=forms) == ""


@pytest.mark.parametrize("form", ["%Y%m%d-%H%M%S", "%d.%m.%y %H:%M", "%B %d, %Y %I:%M %p", "%Y-%j", "100%% %Y-%m-%d"])
def test_a_format_that_reads_times_is_taken(form):
    assert moments.trouble(form) == ""


@pytest.mark.parametrize(
    "form", ["", "%H:%M", "%d.%m.", "%Q%Y%m%d", "%Y%m%d%", "%Y%Y%m%d", "%Y%m%d" + "x" * 100, "YYYYMMDD", "%Y%m%d%\n"]
)
def test_a_format_that_reads_none_is_refused_in_words(form):
    assert moments.trouble(form).endswith("it would be %Y%m%d-%H%M%S.")


@given(some.text(max_size=120) | some.from_regex(r"[0-9/:._ TZ+-]{1,30}", fullmatch=True), some.booleans())
def test_no_text_makes_it_stumble(text, day_first):
    moment, _ = read([text], [text], zone="America/New_York", day_first=day_first)
    assert moment is None or moment.year in range(1989, 2102)
    parts(text, day_first=day_first)


@given(some.datetimes(*(datetime(year, 6, 1) for year in (1990, 2099))), some.booleans())  # noqa: DTZ001  local times
def test_what_is_written_is_what_is_read(moment, day_first):
    short = f"{moment:%d/%m/%Y}" if day_first else f"{moment:%m/%d/%Y}"
    for text in (moment.isoformat(), f"{short} {moment:%I:%M:%S.%f %p}", f"{moment:%a, %d %b %Y %H:%M:%S.%f} +0000"):
        assert read([text], zone="UTC", day_first=day_first) == (moment.replace(tzinfo=UTC), "")
