from datetime import UTC, datetime

import pytest

from pipeline.sftp.facts import moments
from pipeline.sftp.facts.names import pattern
from pipeline.sftp.facts.presets import PRESETS
from pipeline.sftp.facts.told import Told

NEW_YORK = {"zone": "America/New_York", "day_first": False}
GUID = "4a573372-1f28-4e26-b97b-92f0c1d8e6a1"
NO_DATE = "There is a time, '{}', and no date."


def told(agent="", called_at="", external_id=None, notes=(), **details):
    at = datetime.fromisoformat(called_at).replace(tzinfo=UTC) if called_at else None
    return Told(agent, at, external_id, details, notes)


NAMES = {  # a path below the campaign's folder, in New York where it says no zone
    "five9": {
        "11_4_2025/4436170733 by cdeer @ 7_16_55 AM.wav": told("cdeer", "2025-11-04T12:16:55", customer="4436170733"),
        "Recordings/Sales/7_4_2025/4436170733 by cdeer @ 12_16_55 AM.wav": told(
            "cdeer", "2025-07-04T04:16:55", customer="4436170733"
        ),
        "11_4_2025/9419203087 by  @ 4_30_12 PM_Transfer to Lightfire.wav": told(
            called_at="2025-11-04T21:30:12", customer="9419203087", transfer_to="Lightfire"
        ),
        f"11_4_2025/4436170733 by cdeer @ 7_16_55 AM{GUID}.wav": told(
            "cdeer", "2025-11-04T12:16:55", GUID, customer="4436170733"
        ),
        f"11_4_2025/4436170733 by cdeer @ 7_16_55 AM_{GUID}_Transfer to Tier 2.wav": told(
            "cdeer", "2025-11-04T12:16:55", GUID, customer="4436170733", transfer_to="Tier 2"
        ),
        f"11_4_2025/4436170733 by cdeer @ 7_16_55 AM_Transfer to Tier 2_{GUID}.wav": told(
            "cdeer", "2025-11-04T12:16:55", customer="4436170733", transfer_to="Tier 2"
        ),
        "11_4_2025/3182907743Outbound - Donor Care by smiller@tbn.tv @ 12_46_20 PM.wav": told(
            "smiller@tbn.tv",
            "2025-11-04T17:46:20",
            customer="3182907743",
            direction="Outbound",
            source_campaign="Outbound - Donor Care",
        ),
        "11_4_2025/4436170733Stand by Me by Zoë Strauß @ 7_16_55 AM.wav": told(
            "Zoë Strauß", "2025-11-04T12:16:55", customer="4436170733", source_campaign="Stand by Me"
        ),
        "11_4_2025/later/Anonymous by cdeer @ 7_16_55am.wav": told(
            "cdeer", "2025-11-04T12:16:55", source_campaign="Anonymous"
        ),
        "4436170733 by cdeer @ 7_16_55 AM.wav": told(
            "cdeer", customer="4436170733", notes=(NO_DATE.format("7_16_55 AM"),)
        ),
        "2_30_2025/4436170733 by cdeer @ 7_16_55 AM.wav": told(
            "cdeer",
            customer="4436170733",
            notes=("'2_30_2025 7_16_55 AM' could not be understood as a date and time.",),
        ),
        "11_4_2025/readme.wav": None,
    },
    "vicidial": {
        "20251104-103108_3125551212.wav": told(called_at="2025-11-04T15:31:08", customer="3125551212"),
        "20251104-103108_3125551212-all.mp3": told(called_at="2025-11-04T15:31:08", customer="3125551212"),
        "MP3/20251104-103108_3125551212_SALES_6666-all.mp3": told(
            "6666", "2025-11-04T15:31:08", customer="3125551212", source_campaign="SALES"
        ),
        "20251104-103108_3125551212_SALES_zoë_s": told(
            "zoë_s", "2025-11-04T15:31:08", customer="3125551212", source_campaign="SALES"
        ),
        "20250230-103108_3125551212.wav": told(
            customer="3125551212", notes=("'20250230-103108' could not be understood as a date and time.",)
        ),
        "3125551212.wav": None,
    },
    "asterisk": {
        "out-4165551234-3201-20250327-092517-1743042317.12206.wav": told(
            "3201", "2025-03-27T13:25:17", "1743042317.12206", customer="4165551234", direction="out"
        ),
        "2025/03/27/in-3201-4165551234-20250327-092517-1743042317.12206.wav": told(
            "3201", "2025-03-27T13:25:17", "1743042317.12206", customer="4165551234", direction="in"
        ),
        "internal-3201-3202-20250327-092517-pbx1-1743042317.12206.WAV": told(
            "3201", "2025-03-27T13:25:17", "pbx1-1743042317.12206", customer="3202", direction="internal"
        ),
        "q-600-+4165551234-20250327-092517-1743042317.12206.wav": told(
            called_at="2025-03-27T13:25:17", external_id="1743042317.12206", customer="+4165551234", queue="600"
        ),
        "in-3201.wav": None,
    },
    "amazon_connect": {
        f"{GUID}_20240126T03:07_UTC.wav": told(called_at="2024-01-26T03:07:00", external_id=GUID),
        f"2024/01/26/{GUID}_20240126T03_07_UTC.wav": told(called_at="2024-01-26T03:07:00", external_id=GUID),
        f"2024/01/26/{GUID}_20240126T03%3A07_UTC.wav": told(called_at="2024-01-26T03:07:00", external_id=GUID),
        f"{GUID}_20240126T0307_UTC.wav": told(called_at="2024-01-26T03:07:00", external_id=GUID),
        "20240126T03:07_UTC.wav": None,
    },
    "genesys_cloud": {
        f"conversation_id={GUID}/0f6f4b8e.wav": told(external_id=GUID, recording="0f6f4b8e"),
        f"year=2024/month=1/conversation_id={GUID}/0f6f4b8e.opus": told(external_id=GUID, recording="0f6f4b8e"),
        f"{GUID}/0f6f4b8e.wav": None,
    },
    "puzzel": {
        "20211103141530123_1.wav": told(external_id="20211103141530123", recording="1"),
        "day/20211103141530123_12.mp3": told(external_id="20211103141530123", recording="12"),
        "20211103141530123.wav": None,
    },
    "8x8": {
        "1667337742543-1666686434952-117209-+16695555518_E.mp3": told(
            "117209", "2022-11-01T21:22:22.543000", "1666686434952", customer="+16695555518"
        ),
        "users/117209/1667337742543-1666686434952-117209-204_I.mp3": told(
            "117209", "2022-11-01T21:22:22.543000", "1666686434952", customer="204"
        ),
        "1667337742543.mp3": None,
    },
    "raisetalk": {
        "2026_02_11_15_20_33_Jean-Pierre_Dupont_Entrant_478_0682316817_163.mp3": told(
            "Jean-Pierre Dupont",
            "2026-02-11T20:20:33",
            "163",
            customer="0682316817",
            direction="Entrant",
            number="478",
        ),
        "2026_02_11_15_20_33_Zoë_de_la_Tour_Sortant_478_0682316817_163.mp3": told(
            "Zoë de_la_Tour",
            "2026-02-11T20:20:33",
            "163",
            customer="0682316817",
            direction="Sortant",
            number="478",
        ),
        "2026_02_11.mp3": None,
    },
    "aws_pca": {
        "Call_GUID_5a3c_AGENT_bob_CUST_12345_2025-11-04T10-31-08.wav": told(
            "bob", "2025-11-04T15:31:08", "5a3c", customer="12345"
        ),
        "2025-11-04T10-31-08_AGENT_bob_.wav": told("bob", "2025-11-04T15:31:08"),
        "x_CUST_12345_.wav": told(customer="12345"),
        "x.wav": None,
    },
}
EACH = [(preset, path, facts) for preset, names in NAMES.items() for path, facts in names.items()]


@pytest.mark.parametrize(("preset", "path", "facts"), EACH, ids=[f"{preset} {path}" for preset, path, _ in EACH])
def test_a_systems_names_are_read(preset, path, facts):
    reading = pattern(preset, "", "")
    assert reading.read(path, **NEW_YORK) == facts
    assert reading.read(path, zone="America/New_York", day_first=True) == facts, "a system's dates are read its way"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_a_preset_is_a_pattern_as_a_person_would_write_it_and_reads_its_example(preset):
    assert [moments.trouble(form) for form in preset.formats] == [""] * len(preset.formats)
    found = pattern("", preset.pattern, "").read(preset.example, **NEW_YORK)
    assert found is not None
    assert found.agent or found.external_id


def test_every_preset_has_its_names_here():
    assert NAMES.keys() == PRESETS.keys()
