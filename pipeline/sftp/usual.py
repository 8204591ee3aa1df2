"""Whether file names still match the pattern as often as they used to."""

from dataclasses import dataclass

FADING = 0.999  # with each name that comes; a thousand names ago counts a third
ENOUGH = 20  # names, before anything is usual
AT_ONCE = 5  # names of one sweep that can raise the alarm
DROP = 0.25  # of all names: so far under the usual share is strange


@dataclass(frozen=True)
class Share:
    """Names that were held against the pattern, and those that matched; older ones count less."""

    seen: float = 0.0
    matched: float = 0.0

    def with_more(self, seen: int, matched: int) -> "Share":
        """After a sweep's names."""
        faded = FADING**seen
        return Share(self.seen * faded + seen, self.matched * faded + matched)


def alarm(usual: Share, seen: int, matched: int) -> str:
    """A sentence where the names of one sweep match far less often than was usual; else nothing."""
    if usual.seen < ENOUGH or seen < AT_ONCE:
        return ""
    before, here = usual.matched / usual.seen, matched / seen
    if here >= before - DROP:
        return ""
    return (
        f"Of the last {seen:,} file names only {here:.0%} matched the pattern; {before:.0%} was usual. Has the "
        "recording system changed how it names files? Their calls came in without what the names would have told."
    )
