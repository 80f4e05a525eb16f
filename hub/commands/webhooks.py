"""Commands of webhooks: `licence-hub webhook`. Receivers are registered here for a client, or by the client itself in GraphQL."""

from typing import Annotated

import typer

from hub.audit.service import Pending
from hub.changes.webhooks import signing
from hub.changes.webhooks.register import Wish
from hub.clock import from_micros
from hub.commands.opening import opened, screen, show

webhooks = typer.Typer(help="Receivers that changes of licences are sent to.", no_args_is_help=True)
_MOST_SHOWN = 1_000


@webhooks.command("add")
def webhook_add(
    client_id: Annotated[str, typer.Argument(help="The client system that it is for.")],
    url: Annotated[str, typer.Argument(help="https address, on port 443 or above 1023.")],
    item: Annotated[str, typer.Option(help="Code of the service item whose permits follow.")],
    type_key: Annotated[list[str] | None, typer.Option("--type", help="Only this licence type; repeat.")] = None,
    path: Annotated[list[str] | None, typer.Option(help="Only this field of the types; repeat.")] = None,
) -> None:
    """Send a client system what changes from now on; prints the secret, once."""
    with opened() as hub:
        caller, wish = hub.access.standing(client_id), Wish(url, item, type_key, path)
        hub.sharing.feed.receiver(caller, item, Pending(epoch=hub.sharing.policy.epoch))
        added = hub.changes.register.add(caller, wish, hub.changes.feed.size())
    screen.print(f"webhook: {added.receiving.id}\nsecret: {signing.shown(added.secret.key)}")


@webhooks.command("list")
def webhook_list(client: Annotated[str | None, typer.Option(help="Only those of this client.")] = None) -> None:
    """List the webhooks, and how far each is."""
    with opened() as hub:
        size = hub.changes.feed.size()
        rows = []
        for each in hub.changes.register.of_client(client):
            of = hub.changes.progress.standing(each.id)
            rows.append(
                {
                    "id": each.id,
                    "client": each.client_id,
                    "item": each.item,
                    "url": each.url,
                    "state": each.state,
                    "reason": each.reason or "",
                    "behind": max(0, size - of.place),
                    "delivered": of.delivered,
                    "failed": of.failed,
                    "dead": of.dead_letters,
                    "last": of.last_result or "",
                    "next": from_micros(of.next_at).isoformat(timespec="seconds"),
                }
            )
    show("Webhooks", rows)


@webhooks.command("pause")
def webhook_pause(webhook: str) -> None:
    """Send nothing more to a receiver until it is resumed."""
    with opened() as hub:
        hub.changes.register.pause(None, webhook)
    screen.print("Paused; what changes waits for it.")


@webhooks.command("resume")
def webhook_resume(webhook: str) -> None:
    """Send to a receiver again, from where it was."""
    with opened() as hub:
        hub.changes.register.resume(None, webhook)
    screen.print("Active again.")


@webhooks.command("remove")
def webhook_remove(webhook: str) -> None:
    """Remove a receiver for good."""
    with opened() as hub:
        hub.changes.register.remove(None, webhook)
    screen.print("Removed.")


@webhooks.command("dead")
def webhook_dead(webhook: str) -> None:
    """List the changes that were given up."""
    with opened() as hub:
        found = hub.changes.progress.dead_letters(hub.changes.register.find(None, webhook).id, _MOST_SHOWN)
        rows = [
            {
                "id": each.id,
                "result": each.result,
                "attempts": each.attempts,
                "died": from_micros(each.died_at).isoformat(timespec="seconds"),
                "expires": from_micros(each.expires_at).isoformat(timespec="seconds"),
                "wanted": each.wanted_at is not None,
            }
            for each in found
        ]
    show("Dead letters", rows)


@webhooks.command("resend")
def webhook_resend(
    webhook: str,
    letter: Annotated[list[str] | None, typer.Option(help="Only this dead letter; repeat. All without it.")] = None,
) -> None:
    """Let dead letters be sent again by the serving processes, once each, as the licences are now."""
    with opened() as hub:
        count = hub.changes.progress.want_again(hub.changes.register.find(None, webhook).id, letter)
    screen.print(f"To be sent again: {count}.")
