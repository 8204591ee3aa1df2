"""What of SFTP needs somebody now: how many of each kind there are, and the address that shows them."""

from collections.abc import Sequence

from sqlmodel import Session

from config import settings
from dashboard.calls.filter_address import Address
from dashboard.sftp import state
from dashboard.sftp.listing import CAMPAIGN, STATUS
from records import sftp_list, sftp_state
from records.identity import Identity
from records.roles import Permission, scope_of

PAGE = "sftp_batches.py"
WAIT: Address = {STATUS: sorted(sftp_list.WAITING)}
SHORT: Address = {STATUS: sorted(sftp_list.ENDED_SHORT)}


def waiting(session: Session, who: Identity, address: Address, _zone: str) -> int:
    """Batches that wait for a CSV, or for recordings."""
    return sftp_list.waiting(session, who, _campaigns(address))


def ended_short(session: Session, who: Identity, address: Address, _zone: str) -> int:
    """Batches of which something is missing or failed."""
    return sftp_list.ended_short(session, who, _campaigns(address))


def odd_names(session: Session, who: Identity, address: Address, _zone: str) -> int:
    """Campaigns whose files are not named as usual."""
    return len(sftp_list.alarms(session, who, _campaigns(address)))


def in_trouble(session: Session, who: Identity, _address: Address, _zone: str) -> int:
    """1 where nothing comes from the server any more; to those who can set it right."""
    if scope_of(who.role, Permission.SFTP_CONFIGURE) is None or not settings().has_sftp:
        return 0
    return int(state.needs_somebody(sftp_state.state(session)))


def _campaigns(address: Address) -> Sequence[str]:
    named = address.get(CAMPAIGN, [])
    return [named] if isinstance(named, str) else named
