"""When a message is tried again, and what an answer means. Pure."""

from datetime import datetime, timedelta

TRIES_AT_S = (0.0, 30.0, 120.0, 600.0, 3600.0)  # seconds after the first try; five tries, then it has failed
LONGEST_WISH_S = 3600.0  # a receiver that wishes to be left alone for longer is tried after an hour
PAUSED_AFTER = 10  # tries in vain in a row, over all deliveries of a webhook


def distance(tries: int) -> timedelta:
    """From the last of so many tries to the next one, as planned; none before the first."""
    return timedelta(seconds=TRIES_AT_S[tries] - TRIES_AT_S[tries - 1] if tries else 0.0)


def next_try(first: datetime, tries: int, now: datetime, wish_s: float | None = None) -> datetime | None:
    """When to try again after `tries` tries, the first of which was at `first`; None when that was the last.

    Tries that come late (workers were away) keep half of their distance, so that they are not used up in a row.
    """
    if tries >= len(TRIES_AT_S):
        return None
    planned = first + timedelta(seconds=TRIES_AT_S[tries])
    wish = timedelta(seconds=min(max(wish_s or 0.0, 0.0), LONGEST_WISH_S))
    return max(planned, now + max(distance(tries) / 2, wish))


def anew(tries: int, now: datetime) -> tuple[datetime, datetime]:
    """When the first try was and when the next one is, if the last of so many tries was just now."""
    following = now + distance(tries)
    return following - timedelta(seconds=TRIES_AT_S[tries]), following
