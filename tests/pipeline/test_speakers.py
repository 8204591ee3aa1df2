"""Who is the agent: by the channel map, by what is said, by who speaks first; for every provider's transcript."""

import pytest

from pipeline.sound.contract import Layout, Sound, Stretch
from pipeline.speakers import AGENT_PHRASES, CUSTOMER_PHRASES, named, speech_by_speaker, swap
from pipeline.transcribers.contract import AGENT, CUSTOMER, UNKNOWN, Spotted, Transcript, Utterance


def stretch(start, end):
    return Stretch(start_ms=start, end_ms=end)


def said(who, start, text, length=2000):
    """`who` is a channel or a label."""
    speaker, channel = (f"channel {who}", who) if isinstance(who, int) else (who, None)
    return Utterance(speaker=speaker, channel=channel, start_ms=start, end_ms=start + length, text=text)


def transcript(*utterances, by="labels", spotted=()):
    return Transcript(provider="x", model="y", language="en", utterances=utterances, spotted=spotted, speakers_by=by)


def dual(left=((0, 5000),), right=((6000, 9000),)):
    speech = tuple(tuple(stretch(*one) for one in channel) for channel in (left, right))
    return Sound(duration_ms=60_000, layout=Layout.DUAL, speech=speech)


def mono(*speech, layout=Layout.MONO):
    return Sound(duration_ms=60_000, layout=layout, speech=(tuple(stretch(*one) for one in speech),))


def who_says(done):
    return [utterance.speaker for utterance in done.utterances]


TALK = (said(0, 0, "good morning"), said(1, 3000, "hello there"))


@pytest.mark.parametrize(
    ("channel_map", "channels"), [("agent_left", (AGENT, CUSTOMER)), ("agent_right", (CUSTOMER, AGENT))]
)
def test_the_campaigns_channel_map_decides_for_certain(channel_map, channels):
    done = named(transcript(*TALK, by="channels"), dual(), channel_map)
    assert who_says(done) == list(channels)
    assert (done.channels, done.roles_confidence) == (channels, 1.0)


def test_a_channel_map_says_nothing_about_one_channel():
    turns = (said("A", 0, "hello there"), said("B", 3000, "thank you for calling how can i help you"))
    done = named(transcript(*turns), mono((0, 9000)), "agent_left")
    assert who_says(done) == [CUSTOMER, AGENT]
    assert done.channels == ()


@pytest.mark.parametrize("phrase", AGENT_PHRASES)
def test_who_greets_is_the_agent(phrase):
    done = named(transcript(said("A", 0, "hello"), said("B", 3000, f"good morning {phrase} today")), mono((0, 9000)))
    assert who_says(done) == [CUSTOMER, AGENT]
    assert 0.6 < done.roles_confidence <= 0.95


@pytest.mark.parametrize("phrase", CUSTOMER_PHRASES)
def test_who_tells_of_a_concern_is_the_customer(phrase):
    done = named(transcript(said("A", 0, f"hi {phrase} that"), said("B", 3000, "one moment")), mono((0, 9000)))
    assert who_says(done) == [CUSTOMER, AGENT]


def test_two_phrases_alike_are_told_apart_by_the_more_alike():
    turns = (said("A", 0, "my account number is five two"), said("B", 3000, "may i have your account number again"))
    assert who_says(named(transcript(*turns), mono((0, 9000)))) == [CUSTOMER, AGENT]


def test_a_greeting_is_known_despite_the_recognisers_slips():
    done = named(
        transcript(said(0, 0, "hello"), said(1, 3000, "Thank you for culling Maple Street"), by="channels"), dual()
    )
    assert done.channels == (CUSTOMER, AGENT)


def test_a_greeting_that_was_only_heard_in_the_sound_counts():
    heard = Spotted(phrase="Thank you for calling!", speaker="speaker_2", channel=1, start_ms=3000, end_ms=4000)
    done = named(transcript(*TALK, by="channels", spotted=(heard,)), dual())
    assert done.channels == (CUSTOMER, AGENT)
    assert done.spotted[0].speaker == AGENT


def test_a_greeting_late_in_the_call_is_no_greeting():
    late = transcript(said("A", 0, "good day"), said("B", 91_000, "thank you for calling"))
    assert who_says(named(late, mono((0, 9000)))) == [AGENT, CUSTOMER]


def test_a_short_word_is_no_greeting_though_it_is_part_of_one():
    turns = (said("A", 0, "right then"), said("B", 3000, "you"))
    assert who_says(named(transcript(*turns), mono((0, 9000)))) == [AGENT, CUSTOMER]


def test_where_nothing_telling_is_said_the_first_to_speak_is_the_agent_and_that_is_unsure():
    done = named(transcript(*TALK, by="channels"), dual(left=((4000, 5000),), right=((1000, 9000),)))
    assert done.channels == (CUSTOMER, AGENT)
    assert done.roles_confidence == 0.6


def test_where_both_greet_the_first_to_speak_is_the_agent():
    turns = (said("A", 0, "how can i help you"), said("B", 3000, "thank you for calling"))
    done = named(transcript(*turns), mono((0, 9000)))
    assert (who_says(done), done.roles_confidence) == ([AGENT, CUSTOMER], 0.6)


def test_estimated_speakers_make_their_roles_less_sure():
    turns = (said("A", 0, "hello"), said("B", 3000, "thank you for calling"))
    sure, estimated = (named(transcript(*turns, by=by), mono((0, 9000))) for by in ("labels", "estimate"))
    assert estimated.roles_confidence < sure.roles_confidence


def test_channels_are_named_by_their_speech_even_without_a_word():
    done = named(transcript(by="channels"), dual(left=((9000, 9500),), right=((0, 5000),)))
    assert done.channels == (CUSTOMER, AGENT)


def test_speakers_beyond_two_are_numbered_from_three_and_the_customer_is_who_talks_most():
    turns = (
        said("A", 0, "thank you for calling"),
        said("B", 2000, "yes"),
        said("C", 4000, "hello it is about my order of last week"),
        said("D", 6000, "no"),
        said(UNKNOWN, 8000, "mumble"),
    )
    done = named(transcript(*turns), mono((0, 9000)))
    assert who_says(done) == [AGENT, "speaker_3", CUSTOMER, "speaker_4", UNKNOWN]


def test_a_single_speaker_is_named_only_by_what_is_said():
    done = named(transcript(said("speaker_1", 0, "four score and seven years ago")), mono((0, 9000)))
    assert (who_says(done), done.roles_confidence) == (["speaker_1"], None)
    done = named(transcript(said("speaker_1", 0, "thank you for calling")), mono((0, 9000)))
    assert (who_says(done), done.roles_confidence) == ([AGENT], 0.8)


def test_unknown_stays_unknown_and_an_empty_transcript_has_no_roles():
    done = named(transcript(said(UNKNOWN, 0, "thank you for calling")), mono((0, 9000)))
    assert (who_says(done), done.roles_confidence) == ([UNKNOWN], None)
    assert named(transcript(), mono()).roles_confidence is None


def test_labels_inside_a_channel_do_not_matter_and_no_channel_is_unknown():
    turns = (
        said(0, 0, "thank you for calling").model_copy(update={"speaker": "A"}),
        said(0, 5000, "my colleague speaking").model_copy(update={"speaker": "B"}),
        said("C", 7000, "hm"),
    )
    done = named(transcript(*turns, by="channels"), dual())
    assert who_says(done) == [AGENT, AGENT, UNKNOWN]


def test_false_stereo_is_one_channel_whatever_the_provider_numbers():
    done = named(transcript(*TALK, by="labels"), mono((0, 9000), layout=Layout.FALSE_STEREO))
    assert done.channels == ()
    assert who_says(done) == [AGENT, CUSTOMER]


def test_naming_twice_is_naming_once():
    sound = dual()
    once = named(transcript(*TALK, by="channels"), sound)
    assert named(once, sound) == once


def test_a_person_swaps_the_roles_and_that_is_certain():
    heard = Spotted(phrase="hi", speaker="channel 0", channel=0, start_ms=0, end_ms=100)
    done = named(transcript(*TALK, said("x", 8000, "?"), by="channels", spotted=(heard,)), dual())
    swapped = swap(done)
    assert who_says(done) == [AGENT, CUSTOMER, UNKNOWN]
    assert who_says(swapped) == [CUSTOMER, AGENT, UNKNOWN]
    assert (swapped.channels, swapped.spotted[0].speaker) == ((CUSTOMER, AGENT), CUSTOMER)
    assert swapped.roles_confidence == 1.0
    assert swap(swapped).utterances == done.utterances


def test_on_two_channels_speech_is_each_channels_own():
    sound = dual(left=((0, 5000),), right=((4000, 9000), (9000, 9500)))
    speech = speech_by_speaker(named(transcript(*TALK, by="channels"), sound, "agent_right"), sound)
    assert speech == {CUSTOMER: (stretch(0, 5000),), AGENT: (stretch(4000, 9500),)}


def test_on_one_channel_speech_goes_to_whose_utterance_it_lies_in():
    turns = (said(AGENT, 1000, "a b", 2000), said(CUSTOMER, 4000, "c d", 3000))
    speech = speech_by_speaker(transcript(*turns), mono((500, 5000), (5500, 6800), (20_000, 21_000)))
    assert speech == {
        AGENT: (stretch(500, 4000),),  # a little before the words, and up to the next speaker's
        CUSTOMER: (stretch(4000, 5000), stretch(5500, 6800)),
        UNKNOWN: (stretch(20_000, 21_000),),
    }


def test_speech_between_two_utterances_is_his_who_spoke_before():
    turns = (said("A", 0, "x", 1000), said("B", 1000, "y", 1000), said("A", 3000, "z", 1000))
    speech = speech_by_speaker(transcript(*turns), mono((0, 4000)))
    assert speech == {"A": (stretch(0, 1000), stretch(3000, 4000)), "B": (stretch(1000, 3000),)}


def test_no_moment_of_speech_is_lost_or_counted_twice_on_one_channel():
    turns = (said("A", 1000, "x", 500), said("B", 1500, "y", 900), said("A", 3100, "z", 100))
    sound = mono((0, 2000), (2200, 2800), (3000, 4000))
    speech = speech_by_speaker(transcript(*turns), sound)
    assert sum(one.ms for own in speech.values() for one in own) == sum(one.ms for one in sound.speech[0])


def test_two_channels_with_a_providers_labels_are_heard_together():
    speech = speech_by_speaker(transcript(said("A", 0, "hello", 5000)), dual())
    assert speech == {"A": (stretch(0, 5000),), UNKNOWN: (stretch(6000, 9000),)}
