"""Who speaks when, along the call."""

from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls.speaking import MOST, along, colours, speaker
from tests.records.finished import transcript


def turns(*said: tuple[str, int, int]):
    return [{"speaker": who, "start_ms": start, "end_ms": end} for who, start, end in said]


def test_the_agent_comes_first_then_the_customer_others_and_whom_nobody_knows():
    drawn = along(turns(("unknown", 0, 1), ("speaker_3", 1, 2), ("customer", 2, 3), ("agent", 3, 4)), {}, 4)
    assert [lane["name"] for lane in drawn["lanes"]] == ["Agent", "Customer", "Speaker 3", "Unknown"]


def test_how_long_each_spoke_is_what_was_measured_and_else_what_the_turns_cover():
    said = turns(("agent", 0, 60_000), ("customer", 60_000, 90_000))
    assert [lane["total"] for lane in along(said, {}, 90_000)["lanes"]] == ["1:00 · 67%", "0:30 · 33%"]
    measured = {"agent": 45.0, "customer": 15.0}
    assert [lane["total"] for lane in along(said, measured, 90_000)["lanes"]] == ["0:45 · 75%", "0:15 · 25%"]


def test_silences_of_three_seconds_have_a_lane_of_their_own():
    lanes = along(turns(("agent", 3_000, 5_000), ("customer", 7_900, 9_000)), {}, 20_000)["lanes"]
    assert lanes[-1] == {
        "name": "Silence",
        "colour": "silence",
        "total": "0:14",
        "pieces": [[9_000, 20_000], [0, 3_000]],
    }


def test_without_turns_there_is_nothing_to_draw():
    assert along([], {}, 10_000) is None
    assert along(turns(("agent", 0, 0)), {}, 0) is None


def test_a_turn_that_outlasts_the_recording_makes_the_time_longer():
    assert along(turns(("agent", 0, 12_000)), {}, 10_000)["duration_ms"] == 12_000


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9_000_000), st.integers(0, 60_000)), max_size=60))
def test_every_piece_lies_within_the_call_and_there_are_few_enough_to_draw(said):
    drawn = along(turns(*((who, start, start + long) for who, start, long in said)), {}, 3_600_000)
    for lane in drawn["lanes"] if drawn else []:
        assert len(lane["pieces"]) <= MOST + 1
        assert all(0 <= start < end <= drawn["duration_ms"] for start, end in lane["pieces"])


def test_a_long_call_of_many_turns_is_drawn_with_few_pieces():
    said = turns(*(("agent" if n % 2 else "customer", n * 1_000, n * 1_000 + 600) for n in range(7_200)))
    assert all(len(lane["pieces"]) <= MOST for lane in along(said, {}, 7_200_000)["lanes"])


def test_speakers_have_names_and_colours_that_stay_apart():
    assert [speaker(name) for name in ("agent", "unknown", "speaker_2")] == ["Agent", "Unknown", "Speaker 2"]
    assert colours(["speaker_3", "agent", "speaker_4"]) == {
        "agent": "blue",
        "speaker_3": "green",
        "speaker_4": "violet",
    }
    assert colours(turn["speaker"] for turn in transcript()["utterances"]) == {"agent": "blue", "customer": "violet"}
