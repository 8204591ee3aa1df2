"""What each act of the audit log is called, and which acts belong together."""

from collections.abc import Mapping
from typing import NamedTuple


class Group(NamedTuple):
    """Acts that are filtered together: their names begin with one of these, up to the first point."""

    label: str
    icon: str  # a Material symbol
    kinds: tuple[str, ...]


GROUPS: Mapping[str, Group] = {
    "people": Group("People", "group", ("person", "owner")),
    "sign_in": Group("Signing in", "login", ("password", "session")),
    "agents": Group("Agents", "support_agent", ("agent",)),
    "bulk_jobs": Group("Bulk jobs", "stacks", ("bulk_job",)),
    "calls": Group("Calls", "call", ("call", "view", "review")),
    "campaigns": Group("Campaigns", "campaign", ("campaign", "checks")),
    "keys": Group("API keys", "key", ("key",)),
    "webhooks": Group("Webhooks", "webhook", ("webhook",)),
    "sftp": Group("SFTP", "folder_open", ("sftp",)),
    "system": Group("System", "monitor_heart", ("job", "provider", "backup")),
    "audit_log": Group("Audit log", "history", ("audit",)),
}
OTHER = Group("Other", "edit_note", ())

WORDS: Mapping[str, str] = {
    "agent.add_alias": "Added an agent's alias",
    "agent.create": "Created an agent",
    "agent.deactivate": "Deactivated an agent",
    "agent.edit": "Changed an agent",
    "agent.import": "Imported agents",
    "agent.link_calls": "Linked calls to an agent",
    "agent.link_person": "Linked an agent to a person",
    "agent.merge": "Merged an agent into another",
    "agent.reactivate": "Reactivated an agent",
    "agent.remove_alias": "Removed an agent's alias",
    "agent.set_campaigns": "Changed an agent's campaigns",
    "agent.unlink_person": "Unlinked an agent from a person",
    "audit.export": "Exported the audit log",
    "backup.export": "Exported everything",
    "backup.import": "Imported an export",
    "bulk_job.cancel": "Cancelled a bulk job",
    "bulk_job.retry": "Tried a bulk job's failed calls again",
    "call.delete": "Deleted a call",
    "call.end_hold": "Ended a call's legal hold",
    "call.export": "Exported calls",
    "call.hold": "Put a call under legal hold",
    "call.link_agent": "Linked a call to an agent, or to none",
    "call.many": "Acted on many calls",
    "campaign.add_member": "Assigned to a campaign",
    "campaign.create": "Created a campaign",
    "campaign.edit": "Changed a campaign's settings",
    "campaign.remove_member": "Removed from a campaign",
    "checks.edit": "Changed a campaign's checks",
    "job.requeue": "Requeued a failed job",
    "job.requeue_all": "Requeued every failed job of a queue",
    "key.create": "Created an API key",
    "key.revoke": "Revoked an API key",
    "owner.create": "Created the first Owner's account",
    "password.change": "Changed their own password",
    "password.reset": "Chose a new password by a link",
    "person.add": "Added a person",
    "person.deactivate": "Deactivated a person",
    "person.invite": "Invited a person",
    "person.invite_again": "Made a new invitation link",
    "person.link_agent": "Linked a person to an agent",
    "person.link_outside": "Joined an account with the identity provider's",
    "person.reactivate": "Reactivated a person",
    "person.rename": "Changed a person's name",
    "person.reset_password": "Made a new sign-in link",
    "person.set_campaigns": "Changed a person's campaigns",
    "person.set_password": "Set a person's password",
    "person.set_role": "Changed a person's role",
    "person.unlink_agent": "Unlinked a person from an agent",
    "person.welcome": "Accepted an invitation",
    "provider.try": "Tried a paused provider again",
    "review.close": "Closed a review",
    "review.dispute": "Disputed a check",
    "review.reopen": "Asked for a review",
    "session.end_all": "Signed out everywhere",
    "sftp.configure": "Changed a campaign's SFTP settings",
    "sftp.import_as_new": "Imported an SFTP file as a new call",
    "sftp.process_now": "Processed an SFTP batch before its window ended",
    "sftp.quiet": "Took new file names for usual",
    "sftp.retry": "Tried SFTP files again",
    "sftp.take_cut_short": "Took an SFTP file that is cut short",
    "view.change": "Changed a saved view",
    "view.delete": "Deleted a saved view",
    "view.save": "Saved a view of calls",
    "webhook.create": "Created a webhook",
    "webhook.delete": "Deleted a webhook",
    "webhook.edit": "Changed a webhook",
    "webhook.pause": "Paused a webhook",
    "webhook.replay": "Sent a webhook's delivery again",
    "webhook.resume": "Resumed a webhook",
    "webhook.rotate": "Renewed a webhook's secret",
}


def words(act: str) -> str:
    """'Revoked an API key'. An act of an older version, which has no words any more, is named as it is."""
    return WORDS.get(act, act.replace(".", " ").replace("_", " ").capitalize())


def group(act: str) -> Group:
    """Where an act belongs."""
    kind = act.partition(".")[0]
    return next((each for each in GROUPS.values() if kind in each.kinds), OTHER)


def kinds(groups: list[str]) -> tuple[str, ...]:
    """What the acts of these groups begin with."""
    return tuple(kind for name in groups for kind in GROUPS[name].kinds)
