"""The tab General: thresholds, who transcribes and how, language, channels, redaction."""

from dashboard.guard import require
from records.campaigns import Campaign
from records.roles import Permission


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    require(Permission.CAMPAIGN_EDIT)
    del campaign
