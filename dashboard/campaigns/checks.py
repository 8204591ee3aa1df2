"""The tab Checks: the grid of what calls are judged by."""

from dashboard.guard import require
from records.campaigns import Campaign
from records.roles import Permission


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    require(Permission.CAMPAIGN_READ)
    del campaign
