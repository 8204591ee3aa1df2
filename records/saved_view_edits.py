"""Saving, renaming, sharing and deleting views of the list of calls."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, or_, select

from records import audit
from records.campaigns import NotUsable
from records.db import LARGEST_ID, stored_id, writing
from records.identity import Identity, NotAllowed, NotFound, require
from records.people import User
from records.roles import Permission, scope_of
from records.saved_views import LONGEST_ADDRESS, SavedView

LONGEST_NAME = 80
MOST = 50  # of one person
SHOWN = 200  # own and shared ones in one menu
SHARING = "Only Senior Managers and Owners share views with everybody."


@dataclass(frozen=True)
class View:
    """A saved view as somebody sees it."""

    id: int
    name: str
    address: str
    shared: bool
    mine: bool
    by: str  # whose it is


def may_share(who: Identity) -> bool:
    """Whether this person may save views for everybody, and change those that are."""
    return scope_of(who.role, Permission.CAMPAIGN_EDIT) is not None


def views(session: Session, who: Identity) -> list[View]:
    """One's own and those for everybody, by name."""
    require(who, Permission.CALL_READ)
    seen = or_(col(SavedView.user_id) == who.user_id, col(SavedView.shared).is_(True))
    query = select(SavedView, User.name).join(User, col(User.id) == SavedView.user_id).where(seen)
    found = session.exec(query.order_by(col(SavedView.name), col(SavedView.id)).limit(SHOWN))
    return [
        View(stored_id(row.id), row.name, row.address, row.shared, row.user_id == who.user_id, owner)
        for row, owner in found
    ]


def save(who: Identity, name: str, address: str, *, shared: bool = False) -> int:
    """Keep this address under a name; its id. Raises NotUsable with a sentence, NotAllowed."""
    require(who, Permission.CALL_READ)
    if who.user_id is None:
        raise NotAllowed("Views are saved by people who sign in.")
    if shared and not may_share(who):
        raise NotAllowed(SHARING)
    if not address:
        raise NotUsable("Set a filter or an order first: the list as it is needs no view.")
    if len(address) > LONGEST_ADDRESS:
        raise NotUsable("These filters are too many for one view. Take some off.")
    with writing() as session:
        usable = _usable(session, who.user_id, name)
        count = select(func.count()).select_from(SavedView).where(SavedView.user_id == who.user_id)
        if session.exec(count).one() >= MOST:
            raise NotUsable(f"You have {MOST} views already. Delete one that you do not need any more.")
        view = SavedView(user_id=who.user_id, name=usable, address=address, shared=shared)
        session.add(view)
        session.flush()
        audit.log(session, who, "view.save", usable, shared="yes" if shared else "no")
        return stored_id(view.id)


def change(who: Identity, view_id: int, name: str, *, shared: bool) -> None:
    """Give a view another name, or share it, or share it no more. Raises NotFound, NotUsable, NotAllowed."""
    with writing() as session:
        view = _mine(session, who, view_id)
        if shared != view.shared and not may_share(who):
            raise NotAllowed(SHARING)
        was, usable = view.name, _usable(session, view.user_id, name, but=view_id)
        if (usable, shared) == (view.name, view.shared):
            return
        view.name, view.shared = usable, shared
        session.add(view)
        audit.log(session, who, "view.change", usable, was=was, shared="yes" if shared else "no")


def delete(who: Identity, view_id: int) -> None:
    """Take a view out of the menu; the calls stay. Raises NotFound."""
    with writing() as session:
        view = _mine(session, who, view_id)
        session.delete(view)
        audit.log(session, who, "view.delete", view.name)


def _mine(session: Session, who: Identity, view_id: int) -> SavedView:
    """A view that this person may change: an own one, and a shared one for those who may share."""
    require(who, Permission.CALL_READ)
    theirs = col(SavedView.user_id) == who.user_id
    allowed = or_(theirs, col(SavedView.shared).is_(True)) if may_share(who) else theirs
    query = select(SavedView).where(col(SavedView.id) == view_id, allowed).with_for_update()
    found = session.exec(query).first() if 0 < view_id <= LARGEST_ID else None
    if found is None:
        raise NotFound("There is no such view any more.")
    return found


def _usable(session: Session, user_id: int, name: str, *, but: int = 0) -> str:
    """The name in one line, which no other view of that person has."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not line:
        raise NotUsable("Give the view a name.")
    if len(line) > LONGEST_NAME:
        raise NotUsable(f"A view's name has at most {LONGEST_NAME} characters.")
    others = select(SavedView.id).where(SavedView.user_id == user_id, SavedView.name == line, SavedView.id != but)
    if session.exec(others).first() is not None:
        raise NotUsable(f"There is a view '{line}' already. Choose another name.")
    return line
