from datetime import UTC, datetime, timedelta, timezone

from pipeline.sftp.facts.told import Told

AT = datetime(2025, 11, 4, 9, 31, 8, 5, tzinfo=UTC)
ROW = Told("Ada", None, "7", {"customer": "+431", "Notes": "x"}, ("a row's note", "both"))
NAME = Told("ada@x", AT, None, {"customer": "431", "queue": "600"}, ("both", "a name's note"))


def test_what_a_row_says_goes_before_what_the_name_says():
    assert ROW.over(NAME) == Told(
        "Ada", AT, "7", {"customer": "+431", "queue": "600", "Notes": "x"}, ("a row's note", "both", "a name's note")
    )
    assert Told().over(NAME) == NAME.over(Told()) == NAME


def test_what_is_kept_as_json_comes_back_the_same():
    for told in (ROW, NAME, Told()):
        assert Told.from_json(told.as_json()) == told
    assert Told.from_json({}) == Told()
    elsewhere = Told(called_at=AT.astimezone(timezone(timedelta(hours=5))))
    assert Told.from_json(elsewhere.as_json()).called_at.tzinfo is UTC
