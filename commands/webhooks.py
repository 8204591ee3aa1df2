"""`totalview webhook`: where a campaign's events are sent, and what came of it."""

from typing import Annotated, Any

import typer

from commands.words import command, fail, print_json, table
from jobs import enqueue
from pipeline.asking import Due
from pipeline.webhooks import deliver, subscription
from records import deliveries, webhooks
from records.access import COMMAND_LINE
from records.db import reading, stored_id, writing
from records.deliveries import Delivery, DeliveryState
from records.webhooks import Webhook

app = typer.Typer(help="Webhooks: what happens to a campaign's calls, told to other programs.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The webhook's number.")]
Events = Annotated[
    list[str] | None, typer.Option("--event", help="call.completed, call.flagged or call.failed; may be repeated.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command("create")
@command
def create(
    campaign: Annotated[str, typer.Option(help="Slug of the campaign.")],
    url: Annotated[str, typer.Option(help="Where to send, such as https://example.com/hook.")],
    event: Events = None,
) -> None:
    """Create a webhook and print its secret, once, with nothing else on stdout."""
    webhook, secret = subscription.create(COMMAND_LINE, campaign, url, event or ())
    typer.echo(f"Webhook {webhook.id} is told of {', '.join(webhook.events)}. Its secret:", err=True)
    typer.echo(secret)


@app.command("list")
@command
def list_all(
    campaign: Annotated[str, typer.Option(help="Only this campaign's.")] = "",
    as_json: Json = False,
) -> None:
    """List the webhooks."""
    with reading() as session:
        found = webhooks.all_of(session, COMMAND_LINE, campaign)
    if as_json:
        for webhook, slug in found:
            print_json(_webhook(webhook, slug))
    elif found:
        rows = [[str(one.id), slug, one.url, ", ".join(one.events), _standing(one)] for one, slug in found]
        table(["Number", "Campaign", "Address", "Events", "State"], rows)
    else:
        typer.echo("There is no webhook. Make one: totalview webhook create --campaign SLUG --url URL")


@app.command("set")
@command
def change(
    number: Number,
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    event: Events = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Inactive: told of nothing.")] = None,
) -> None:
    """Change a webhook; what is not named stays."""
    webhook = subscription.edit(COMMAND_LINE, number, url=url, wanted=event, active=active)
    typer.echo(f"Webhook {webhook.id} ({_standing(webhook)}) is told of {', '.join(webhook.events)}.", err=True)
    if active:
        _ask(deliver.of_webhook(number))


@app.command("rotate")
@command
def rotate(number: Number) -> None:
    """Print a new secret, once, with nothing else on stdout; for a day messages are signed with both."""
    with writing() as session:
        _, secret = webhooks.rotate(session, COMMAND_LINE, number)
    typer.echo(secret)


@app.command("deliveries")
@command
def list_deliveries(
    campaign: Annotated[str, typer.Option(help="Only this campaign's.")] = "",
    webhook: Annotated[int | None, typer.Option(help="Only this webhook's, by its number.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those whose tries were all in vain.")] = False,
    before: Annotated[int | None, typer.Option(help="Only those older than this delivery, by its number.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=deliveries.MOST_SHOWN, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List what was sent, newest first, and what came back."""
    with reading() as session:
        found = deliveries.page(
            session,
            COMMAND_LINE,
            campaign_slug=campaign,
            webhook_id=webhook,
            failed=failed,
            before=before,
            limit=limit,
        )
    if as_json:
        for delivery in found:
            print_json(_delivery(delivery))
    elif found:
        rows = [[str(one.id), str(one.webhook_id), one.type, one.state.value, _last_words(one)] for one in found]
        table(["Number", "Webhook", "Event", "State", "Last try"], rows)
    else:
        typer.echo("There is no such delivery.")


@app.command("replay")
@command
def replay(number: Annotated[int, typer.Argument(help="The delivery's number.")]) -> None:
    """Send a delivery once more, now, with the same content and the same webhook-id."""
    with writing() as session:
        again = deliveries.replay(session, COMMAND_LINE, number)
    _ask([Due(stored_id(again.id), again.ticket)])
    typer.echo(f"Delivery {again.id} sends {again.type} once more.", err=True)


@app.command("pause")
@command
def pause(number: Number) -> None:
    """Send nothing from now on; what happens meanwhile waits."""
    with writing() as session:
        webhooks.pause(session, COMMAND_LINE, number)
    typer.echo(f"Webhook {number} is paused. Send what waits with: totalview webhook resume {number}", err=True)


@app.command("resume")
@command
def resume(number: Number) -> None:
    """Go on with a paused webhook, and send what waits."""
    with writing() as session:
        deliveries.resume(session, COMMAND_LINE, number)
    waiting = deliver.of_webhook(number)
    _ask(waiting)
    typer.echo(f"Webhook {number} goes on; {len(waiting)} deliveries are due.", err=True)


@app.command("delete")
@command
def delete(number: Number) -> None:
    """Delete a webhook and its deliveries."""
    with writing() as session:
        deliveries.remove(session, COMMAND_LINE, number)
    typer.echo(f"Webhook {number} is deleted.", err=True)


@app.command("test")
@command
def try_out(number: Number) -> None:
    """Send `webhook.test` now, and say what came back."""
    delivery = subscription.try_out(COMMAND_LINE, number)
    if delivery.state is not DeliveryState.SENT:
        raise fail(f"The message was not taken. {_last_words(delivery)}")
    typer.echo(f"The message was taken: {_last_words(delivery)}")


def _ask(due: list[Due]) -> None:
    """Where no worker runs, they are sent once one does."""
    for one in due:
        if not enqueue.deliver(one):
            return


def _standing(webhook: Webhook) -> str:
    if not webhook.active:
        return "inactive"
    return f"paused: {webhook.paused_why}" if webhook.paused_at else "active"


def _last_words(delivery: Delivery) -> str:
    if not delivery.log:
        return "-"
    last = delivery.log[-1]
    return str(last["error"] or f"answered {last['status']} in {last['ms']} ms")


def _webhook(webhook: Webhook, slug: str) -> dict[str, Any]:
    shown = {"id", "url", "events", "active", "failures", "paused_at", "paused_why", "created_by", "created_at"}
    return {"campaign": slug, **webhook.model_dump(mode="json", include=shown)}


def _delivery(delivery: Delivery) -> dict[str, Any]:
    hidden = {"claim", "claim_until", "ticket", "payload"}
    return {**delivery.model_dump(mode="json", exclude=hidden), "payload": delivery.payload}
