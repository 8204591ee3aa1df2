"""The tab Webhooks: where a campaign's events are sent."""

from dashboard.guard import require
from records.campaigns import Campaign
from records.roles import Permission


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    require(Permission.KEY_MANAGE)
    del campaign
