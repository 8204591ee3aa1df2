"""Where a provider's redacted text is the authority: its words alone, with times and speakers from words that may leak.

Providers redact `text` first and everything else later, or never. So no word is taken from anywhere but the text; what
was recognised lends only when and by whom it was said.
"""

from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import Levenshtein, Opcode

from pipeline.transcribers.contract import Word
from pipeline.transcribers.turns import Spoken

ALIKE = 0.9  # of 1: the text is in this order of the words
TRUSTED = 0.5  # under this, times and speakers are hardly more than a guess


def redacted(text: str, spoken: Sequence[Spoken]) -> tuple[tuple[Spoken, ...], float]:
    """Every word of `text` and none besides; and how much of it was found among the spoken words, 0 to 1.

    Channels may be written one after the other or interleaved: the order that fits the text best is taken.
    """
    tokens = text.split()
    keys = [_key(token) for token in tokens]
    best, fit = list(spoken), -1.0
    for order in _orders(spoken):
        alike = Levenshtein.normalized_similarity([_key(one.word.text) for one in order], keys)
        if alike > fit:
            best, fit = order, alike
        if fit >= ALIKE:
            break
    return tuple(_aligned(tokens, keys, best)), max(fit, 0.0)


def _orders(spoken: Sequence[Spoken]) -> Iterator[list[Spoken]]:
    yield list(spoken)
    yield sorted(spoken, key=lambda one: (one.word.start_ms, one.word.end_ms))
    yield sorted(spoken, key=lambda one: (one.channel or 0, one.speaker, one.word.start_ms))


def _aligned(tokens: Sequence[str], keys: Sequence[str], spoken: Sequence[Spoken]) -> Iterator[Spoken]:
    heard = [_key(one.word.text) for one in spoken]
    for same, words, texts in _blocks(heard, keys):
        if same:
            for one, token in zip(spoken[words], tokens[texts], strict=True):
                yield one._replace(word=one.word.model_copy(update={"text": token}))
        else:
            yield from _spread(tokens[texts], spoken[words] or _beside(spoken, words.start))


def _blocks(heard: Sequence[str], keys: Sequence[str]) -> Iterator[tuple[bool, slice, slice]]:
    """Stretches that are the same and stretches that differ, in turn; neighbouring differences are one."""
    differ: list[Opcode] = []
    for step in Levenshtein.opcodes(heard, keys):
        if step.tag != "equal":
            differ.append(step)
            continue
        yield from _joined(differ)
        differ = []
        yield True, slice(step.src_start, step.src_end), slice(step.dest_start, step.dest_end)
    yield from _joined(differ)


def _joined(differ: Sequence[Opcode]) -> Iterable[tuple[bool, slice, slice]]:
    if differ:
        first, last = differ[0], differ[-1]
        yield False, slice(first.src_start, last.src_end), slice(first.dest_start, last.dest_end)


def _spread(tokens: Sequence[str], spoken: Sequence[Spoken]) -> Iterator[Spoken]:
    """These tokens over the time of these words, each by the speaker of the word that it falls on."""
    if not spoken:
        yield from (Spoken("unknown", None, Word(text=token, start_ms=0, end_ms=0)) for token in tokens)
        return
    for place, token in enumerate(tokens):
        first = place * len(spoken) // len(tokens)
        last = max(((place + 1) * len(spoken) - 1) // len(tokens), first)
        one, end = spoken[first], spoken[last]
        word = Word(text=token, start_ms=one.word.start_ms, end_ms=max(end.word.end_ms, one.word.end_ms))
        yield one._replace(word=word)


def _beside(spoken: Sequence[Spoken], place: int) -> list[Spoken]:
    """Where nothing was spoken: a moment of no length after the word before, or before the first."""
    if not spoken:
        return []
    one, before = (spoken[place - 1], True) if place else (spoken[0], False)
    moment = one.word.end_ms if before else one.word.start_ms
    return [one._replace(word=one.word.model_copy(update={"start_ms": moment, "end_ms": moment}))]


def _key(word: str) -> str:
    """A word without case and punctuation, but '[NAME]' and '####' as they are."""
    return "".join(letter for letter in word.lower() if letter.isalnum() or letter in "[]#_") or word
