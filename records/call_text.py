"""What was said in calls, by its words: an index of the newest version of each, and how a list is narrowed by it.

Words are told apart and folded here, so that both databases find the same: SQLite by FTS5, PostgreSQL by a tsvector.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Dialect, ForeignKey, Text, any_, column, literal, literal_column, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, Session, SQLModel, and_, cast, col, delete, exists, false, func, insert, select, update

from records import transcripts
from records.calls import Call
from records.db import UNSEEN, url

COMMON = 10_000  # calls that hold the words: beyond, each call of a list is asked, instead of gathering them all
PLACES = 16_383  # of words, that PostgreSQL tells apart: two hours of speech. Beyond, phrases are not found, words are
LONGEST = 400_000  # bytes of one call's words; a tsvector takes a megabyte
MOST_WORDS = 20  # of one search
SHORTEST_BEGINNING = 2  # letters before a *; fewer would begin every word
TURN = "¶"  # between two turns: no phrase is found across them, and nobody can search for it
# Written without gaps between words, so each sign is a word and a word is a phrase: Thai to Khmer, kana, ideographs.
_ALONE = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_PIECES = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


class Words(TypeDecorator[Sequence[str]]):
    """Words in their order: a text on SQLite, from which FTS5 makes its index, and a tsvector on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        kept = _bounded(value or ())
        return _vector(kept) if dialect.name == "postgresql" else " ".join(kept)


class CallText(SQLModel, table=True):
    """The words of a call's newest version. On SQLite triggers keep the index `call_words` the same."""

    __tablename__ = "call_text"

    id: int | None = Field(default=None, primary_key=True)  # FTS5 knows a text by a number
    call_id: str = Field(
        sa_column=Column("call_id", ForeignKey("call.id", ondelete="CASCADE"), unique=True, nullable=False)
    )
    words: Sequence[str] = Field(sa_column=Column("words", Words(), nullable=False))


class UnreadCall(SQLModel, table=True):
    """A call from before there was an index, whose words are still to be put into it."""

    __tablename__ = "unread_call"

    call_id: str = Field(
        sa_column=Column("call_id", ForeignKey("call.id", ondelete="CASCADE"), primary_key=True, nullable=False)
    )


@dataclass(frozen=True)
class Phrase:
    """Words that were said one after the other; the last of them may be a beginning alone."""

    words: tuple[str, ...]
    begins: bool = False


def words(said: str) -> list[str]:
    """The words of a text: without case, accents, signs and gaps."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", said).casefold()))
    signs = unicodedata.normalize("NFC", plain)
    spaced = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in signs)
    return _ALONE.sub(r" \g<0> ", spaced).split()


def phrases(asked: str) -> tuple[Phrase, ...]:
    """What a search asks for: words, "phrases in quotes", and begin* for the beginning of one. All must be found."""
    found: list[Phrase] = []
    room = MOST_WORDS
    for quoted, star, single in _PIECES.findall(asked.translate(_QUOTES)):
        begins = bool(star) or (quoted or single).endswith("*")
        some = tuple(words(quoted or single)[:room])
        room -= len(some)
        if some:
            found.append(Phrase(some, begins and len(some[-1]) >= SHORTEST_BEGINNING))
    return tuple(dict.fromkeys(found))


def among_the_first(asked: str) -> ColumnElement[bool]:
    """Whether a call is among COMMON of those that hold this: enough for a number that nobody wants to wait for."""
    wanted = phrases(asked)
    if not wanted:
        return false()
    return and_(_one_of(_holding(wanted).limit(COMMON)), transcripts.open_to_all())


def holds(asked: str, *, commonly: bool = False) -> ColumnElement[bool]:
    """Whether the newest version of a call holds this, and is not withheld.

    `commonly` asks each call, which suits what most calls hold.
    """
    wanted = phrases(asked)
    return and_(_among(wanted, commonly=commonly), transcripts.open_to_all()) if wanted else false()


def _among(wanted: tuple[Phrase, ...], *, commonly: bool) -> ColumnElement[bool]:
    if commonly:
        return exists(_holding(wanted).where(col(CallText.call_id) == Call.id).correlate(Call))
    return _one_of(_holding(wanted))


def _one_of(ids: Any) -> ColumnElement[bool]:  # noqa: ANN401  a Select of ids
    """As an array on PostgreSQL: of a subquery it thinks that it is large, and looks through all calls instead."""
    if url().startswith("sqlite"):
        return col(Call.id).in_(ids)
    return col(Call.id) == any_(func.array(ids.scalar_subquery()))


def common(session: Session, asked: str) -> bool:
    """Whether more than COMMON calls hold this; looked up once a session, which asks for a page and for its number."""
    wanted = phrases(asked)
    if not wanted:
        return False
    known: dict[tuple[Phrase, ...], bool] = session.info.setdefault(common, {})
    if wanted not in known:
        some = _holding(wanted).limit(COMMON + 1).subquery()
        known[wanted] = session.exec(select(func.count()).select_from(some)).one() > COMMON
    return known[wanted]


def spoken(content: dict[str, Any]) -> list[str]:
    """The words of a stored transcript, as the call's page shows it."""
    turns = (words(str(turn.get("text", ""))) for turn in content.get("utterances", []))
    return [word for turn in turns if turn for word in (*turn, TURN)][:-1]


def write(session: Session, call_id: str, said: Sequence[str]) -> None:
    """Let a call be found by these words, and by nothing that it said in an earlier version."""
    session.execute(delete(UnreadCall).where(col(UnreadCall.call_id) == call_id))
    there = update(CallText).where(col(CallText.call_id) == call_id).values(words=said).returning(col(CallText.id))
    if session.execute(there, execution_options=UNSEEN).first() is None:
        session.add(CallText(call_id=call_id, words=said))
        session.flush()


def unread(session: Session, most: int) -> list[str]:
    """Some of the calls that are not in the index yet."""
    return list(session.exec(select(UnreadCall.call_id).limit(most)))


def catch_up(session: Session, said: Mapping[str, Sequence[str]]) -> int:
    """Put calls into the index that are not in it yet; how many there were. Whoever has a newer version is in it.

    The calls are held first, as a verdict does it, so that neither waits for the other for ever.
    """
    held = select(Call.id).where(col(Call.id).in_(said)).order_by(col(Call.id))
    session.exec(held.with_for_update(read=True, key_share=True)).all()
    waiting = delete(UnreadCall).where(col(UnreadCall.call_id).in_(said)).returning(col(UnreadCall.call_id))
    mine = list(session.execute(waiting, execution_options=UNSEEN).scalars())
    if mine:
        session.execute(insert(CallText), [{"call_id": each, "words": said[each]} for each in mine])
    return len(mine)


def _holding(wanted: tuple[Phrase, ...]) -> Any:  # noqa: ANN401  a Select of ids
    """The ids of the calls that hold all of it."""
    if not url().startswith("sqlite"):
        asked = cast(literal(" & ".join(map(_in_postgresql, wanted))), TSQUERY)
        return select(CallText.call_id).where(col(CallText.words).op("@@")(asked))
    index = table("call_words", column("rowid"))
    matches = literal_column("call_words").op("MATCH")(" AND ".join(map(_in_sqlite, wanted)))
    return select(CallText.call_id).join(index, index.c.rowid == CallText.id).where(matches)


def _in_sqlite(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{" *" if phrase.begins else ""}'


def _in_postgresql(phrase: Phrase) -> str:
    *before, last = (f"'{word}'" for word in phrase.words)
    return f"({' <-> '.join([*before, last + ':*' * phrase.begins])})"


def _bounded(said: Sequence[str]) -> list[str]:
    """As many of the words as an index takes of one call."""
    return list(_within(said, LONGEST))


def _within(said: Sequence[str], room: int) -> Iterator[str]:
    for word in said:
        kept = word[:200]  # no recogniser's word is longer, and PostgreSQL's must not be
        room -= len(kept.encode()) + 1
        if room < 0:
            return
        yield kept


def _vector(said: Sequence[str]) -> str:
    """Words and their places as PostgreSQL writes them: told both, it cuts nothing up by rules of its own."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(said, start=1):
        if word != TURN:
            places.setdefault(word, []).append(min(place, PLACES))
    return " ".join(f"'{word}':{','.join(map(str, at[:255]))}" for word, at in places.items())
