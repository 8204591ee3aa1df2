import pytest

from pipeline import prices
from pipeline.transcribers import registry


def test_every_channel_that_is_transcribed_by_itself_is_billed():
    one = prices.transcription("assemblyai", "universal-3-pro", 3600)
    assert one == 0.21
    assert prices.transcription("assemblyai", "universal-3-pro", 1800, channels=2) == one


def test_additions_cost_what_the_table_says_and_only_where_asked_for():
    asked = prices.transcription("deepgram", "nova-3", 60, diarized=True, keyterms=True, redacted=True)
    assert asked == pytest.approx((0.462 + 0.12 + 0.078 + 0.12) / 60, abs=1e-6)


def test_a_model_without_a_known_price_costs_none_and_not_nothing():
    assert prices.transcription("deepgram", "nova-9", 60) is None
    assert prices.judging("llama3", fresh=1000, cache_write=0, cache_read=0, output=10) is None


def test_a_prompt_read_from_the_cache_costs_a_fraction_and_one_written_to_it_twice_the_input():
    assert prices.judging("claude-opus-4-5", fresh=0, cache_write=0, cache_read=1_000_000, output=0) == 0.5
    assert prices.judging("claude-opus-4-5", fresh=0, cache_write=1_000_000, cache_read=0, output=0) == 10.0


def test_what_is_cached_for_minutes_costs_a_quarter_more_than_the_input():
    tokens = {"fresh": 0, "cache_write": 0, "cache_read": 0, "output": 0}
    assert prices.judging("claude-opus-4-5", **tokens, cache_write_short=1_000_000) == 6.25


def test_the_longest_name_that_fits_holds_whatever_date_stands_behind_it():
    assert prices.judging("claude-sonnet-5-5-20260901", fresh=0, cache_write=0, cache_read=1_000_000, output=0) == 0.1
    assert prices.judging("claude-sonnet-5", fresh=0, cache_write=0, cache_read=1_000_000, output=0) == 0.2


def test_a_long_prompt_makes_every_token_of_its_request_dearer_where_the_vendor_says_so():
    short = prices.judging("claude-haiku-5-5", fresh=50_000, cache_write=0, cache_read=50_000, output=1000)
    long = prices.judging("claude-haiku-5-5", fresh=50_000, cache_write=0, cache_read=50_001, output=1000)
    assert long == pytest.approx(5 * short, abs=1e-5)


@pytest.mark.parametrize("name", sorted(name for name in registry.names() if registry.PROVIDERS[name].models))
def test_every_model_that_a_campaign_may_choose_has_a_price(name):
    for model in registry.PROVIDERS[name].models:
        assert prices.transcription(name, model, 3600), model
