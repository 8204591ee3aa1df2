"""A part of a text, found whatever its case, on every database."""

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Mapped


def holds(text: str, *columns: Mapped[str]) -> ColumnElement[bool]:
    """Whether one of the columns holds this text.

    SQLite's lower() knows no letter beyond a to z, nor does PostgreSQL's everywhere: the usual spellings are asked for.
    """
    spellings = [text] if text.isascii() else [*dict.fromkeys((text, text.lower(), text.upper(), text.title()))]
    return or_(*(column.icontains(spelling, autoescape=True) for column in columns for spelling in spellings))
