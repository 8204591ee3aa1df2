"""Paths on the SFTP server: what people type, and every path as text and back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.sftp.connection import paths
from records.campaigns import NotUsable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("sales", "sales"),
        (" /north//sales/ ", "north/sales"),
        ("Gr\u00fc\u00dfe 2", "Gr\u00fc\u00dfe 2"),
        ("a..b", "a..b"),
    ],
)
def test_a_folder_as_it_is_kept(typed: str, kept: str):
    assert paths.folder(typed) == kept


@pytest.mark.parametrize("typed", ["", " / ", ".", "..", "a/../b", "./a", "a\nb", "a\0b", "x" * 201, "a/\ud800"])
def test_a_folder_that_cannot_be_used(typed: str):
    with pytest.raises(NotUsable) as refused:
        paths.folder(typed)
    assert refused.value.field == "folder"


def test_what_lies_inside():
    assert paths.inside("a", "a")
    assert paths.inside("a/b", "a")
    assert not paths.inside("ab", "a")
    assert not paths.inside("a", "a/b")


PIECES = st.lists(st.sampled_from([b"\\", b"x", b"f", b"xff", b"\\xff", b"\xff", b"\xc3", b"\xbc", b"/"])).map(b"".join)


@given(st.one_of(st.binary(), PIECES))
@example(b"\\\xff")
@example(b"\\\\xff")
def test_every_path_is_shown_and_read_back(raw: bytes):
    shown = paths.shown(raw)
    assert paths.raw(shown) == raw
    assert shown.encode("utf-8") or not raw


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\")))
def test_text_is_shown_as_it_is(text: str):
    assert paths.shown(text.encode()) == text


@pytest.mark.parametrize(
    ("path", "other"),
    [(b"a/b.wav", b"a/b (2).wav"), (b"b", b"b (2)"), (b".hidden", b".hidden (2)"), (b"a.b/c", b"a.b/c (2)")],
)
def test_a_number_goes_before_the_suffix(path: bytes, other: bytes):
    assert paths.numbered(path, 2) == other


def test_a_numbered_name_is_no_longer_than_a_name_may_be():
    assert paths.numbered(b"a/" + b"n" * 251 + b".wav", 12) == b"a/" + b"n" * 246 + b" (12).wav"


@pytest.mark.parametrize("below", [b"..", b"a/../b", b"a//b", b"/a", b"a/", b".", b"a\0"])
def test_no_path_leaves_the_root(below: bytes):
    with pytest.raises(ValueError, match="names"):
        paths.absolute(b"/root", below)


def test_paths_below_the_root():
    assert paths.absolute(b"/root", b"") == b"/root"
    assert paths.absolute(b"/", b"a") == b"/a"
    assert paths.absolute(b"/root", b"...") == b"/root/..."
    assert paths.prefixes(b"a/b/c") == [b"a", b"a/b", b"a/b/c"]
