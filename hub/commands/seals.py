"""Commands of seals: `licence-hub seal`."""

from typing import Annotated

import typer

from hub.commands.opening import AuthorityOption, opened, screen, show
from hub.seals.service import Reason

seals = typer.Typer(help="Electronic seals of authorities.", no_args_is_help=True)

ReasonOption = Annotated[Reason, typer.Option(help="Why; it is recorded.")]


@seals.command("make")
def seal_make(
    authority: AuthorityOption,
    name: Annotated[str, typer.Option(help="Name of the seal, as it would be engraved.")],
    suite: Annotated[str, typer.Option(help="ES256, Ed25519 or SM2-SM3.")] = "ES256",
    years: Annotated[int, typer.Option(help="Validity in years.", min=1, max=10)] = 5,
) -> None:
    """Make a seal for an authority: root (once per suite), signer certificate, esID and key; publishes its keys."""
    with opened() as hub:
        made = hub.seals.make(authority, name, suite=suite, years=years)
    screen.print(
        f"esID: {made.es_id}\nkid: {made.kid}\nkeys: {hub.settings.public_url}/.well-known/jwt-vc-issuer/authorities/{authority}"
    )


@seals.command("list")
def seal_list(authority: AuthorityOption) -> None:
    """List an authority's seals and the keys that ever sealed with them."""
    with opened() as hub:
        rows = [
            {
                "esID": seal.es_id,
                "name": seal.name,
                "suite": seal.suite,
                "status": seal.status.value,
                "kids": " ".join(s.kid for s in seal.signers),
            }
            for seal in hub.seals.seals(authority)
        ]
    show("Seals", rows)


@seals.command("rotate")
def seal_rotate(es_id: str) -> None:
    """Give a seal a new key; what the old one sealed stays verifiable."""
    with opened() as hub:
        made = hub.seals.rotate(es_id)
    screen.print(f"kid: {made.kid}")


@seals.command("suspend")
def seal_suspend(es_id: str, reason: ReasonOption) -> None:
    """Suspend a seal: it seals nothing until it is resumed."""
    with opened() as hub:
        hub.seals.suspend(es_id, reason)
    screen.print("Suspended; it seals nothing until it is resumed.")


@seals.command("resume")
def seal_resume(es_id: str, reason: ReasonOption) -> None:
    """Let a suspended seal seal again."""
    with opened() as hub:
        hub.seals.resume(es_id, reason)
    screen.print("Resumed.")


@seals.command("revoke")
def seal_revoke(es_id: str, reason: ReasonOption) -> None:
    """Revoke a seal for ever; what it sealed before stays verifiable, unless the reason is KEY_COMPROMISE."""
    with opened() as hub:
        hub.seals.revoke(es_id, reason)
    screen.print("Revoked; it seals nothing any more, and verifiers see when and why.")
