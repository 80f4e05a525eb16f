"""Commands of seals: `licence-hub seal`. Each step is taken by the person who signed in with `licence-hub sign-in`."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.access.staff.caller import Staff
from hub.clock import from_micros, to_micros
from hub.commands.opening import AuthorityOption, opened, screen, show
from hub.commands.signing_in import signed_in
from hub.commands.whole_files import PRIVATE, written
from hub.errors import InputInvalidError
from hub.seals.certifying import KeySource
from hub.seals.changes import Changes
from hub.seals.kinds import Custody, KeyPlace, Kind
from hub.seals.life import SealStatus
from hub.seals.office import Upload, Wish
from hub.seals.pictures.names import name_chop, special_purpose_seal, statutory_seal
from hub.seals.service import Reason
from keys.suites import load_public_pem

seals = typer.Typer(
    help="Electronic seals: applied for, approved, made and filed by different people, each signed in.",
    no_args_is_help=True,
)

ApplicationArgument = Annotated[
    str, typer.Argument(help="The application's id; `licence-hub seal applications` lists them.")
]
SealArgument = Annotated[str, typer.Argument(help="esID: 14 digits; `licence-hub seal list` lists them.")]
ReasonOption = Annotated[Reason, typer.Option(help="Why; it is recorded.")]
NoteOption = Annotated[str, typer.Option(help="In words, for whoever reads the history.")]
KeyOption = Annotated[
    Path | None,
    typer.Option(help="The owner's public key (PEM), if he keeps the other half himself.", exists=True, dir_okay=False),
]
ChainOption = Annotated[
    Path | None,
    typer.Option(help="An outside authority's certificate for the key, its issuers behind it, the root last (PEM).", exists=True, dir_okay=False),
]  # fmt: skip
PlaceOption = Annotated[KeyPlace, typer.Option(help="Where the key is made, if the hub keeps it.")]


@seals.command("apply")
def seal_apply(
    authority: AuthorityOption,
    kind: Annotated[Kind, typer.Option(help="What the seal is.")],
    text: Annotated[str, typer.Option(help="What it says: the owner's name, for special seals with a purpose behind it, or a person's name.")],
    reason: Annotated[str, typer.Option(help="Why it is needed.")],
    owner: Annotated[str, typer.Option(help="Credit code of an organisation whose seal it will be; the authority's own without it.")] = "",
    owner_name: Annotated[str, typer.Option(help="The organisation's registered name.")] = "",
    division: Annotated[str, typer.Option(help="The organisation's division, six digits; the authority's without it.")] = "",
    representative: Annotated[str, typer.Option(help="The legal representative's registered name, for his seal.")] = "",
    suite: Annotated[str, typer.Option(help="ES256, Ed25519 or SM2-SM3.")] = "ES256",
    years: Annotated[int, typer.Option(help="Validity in years.", min=1, max=10)] = 5,
    custody: Annotated[Custody, typer.Option(help="Who keeps the key.")] = Custody.HUB,
    picture: Annotated[Path | None, typer.Option(help="PNG with a transparent ground; one is drawn without it.", exists=True, dir_okay=False)] = None,
    size: Annotated[tuple[int, int], typer.Option(help="Width and height of the picture in millimetres.")] = (42, 42),
    number: Annotated[str, typer.Option(help="Number drawn at the lower edge.")] = "",
    remakes: Annotated[str | None, typer.Option(help="esID of the seal that it takes the place of.")] = None,
) -> None:  # fmt: skip
    """Apply for a seal."""
    upload = Upload(picture.read_bytes(), *size) if picture else None
    wish = Wish(
        authority, kind, text, reason, owner, owner_name, division, representative, suite, years, custody, upload, number,
        remakes,
    )  # fmt: skip
    with signed_in() as (hub, staff):
        application = hub.seal_office.changes.apply(staff, wish)
    screen.print(f"application: {application}\nAnother person approves it: licence-hub seal approve {application}")


@seals.command("draw")
def seal_draw(
    output: Annotated[Path, typer.Argument(help="File to write: .svg or .png.")],
    kind: Annotated[Kind, typer.Option(help="What the seal is.")],
    owner_name: Annotated[str, typer.Option(help="Its owner's registered name.")],
    text: Annotated[str, typer.Option(help="What it says; the owner's name without it.")] = "",
    number: Annotated[str, typer.Option(help="Number drawn at the lower edge.")] = "",
) -> None:
    """Draw a seal to look at; nothing is applied for, and no hub is needed."""
    said = text or owner_name
    shapes = {
        Kind.STATUTORY: lambda: statutory_seal(owner_name, number),
        Kind.SPECIAL: lambda: special_purpose_seal(owner_name, said, number),
        Kind.PERSONAL: lambda: name_chop(said, number),
    }
    from hub.seals.pictures.drawing import draw  # noqa: PLC0415 - fonts and pixels, for this command only

    drawn = draw(shapes[kind]())
    forms = {".svg": drawn.svg, ".png": drawn.png}
    if output.suffix not in forms:
        raise InputInvalidError("Name a file that ends in .svg or .png.")
    with written(output) as file:
        file.write(forms[output.suffix])
    screen.print(f"{output}: {drawn.width} x {drawn.height} mm")


@seals.command("applications")
def seal_applications(
    authority: AuthorityOption,
    status: Annotated[SealStatus | None, typer.Option(help="Only those of this status.")] = None,
) -> None:
    """List an authority's applications."""
    with opened() as hub:
        rows = [
            {
                "application": one.id, "status": one.status.value, "kind": one.kind.value, "name": one.name, "owner": one.owner_name,
                "suite": one.suite, "years": one.years, "custody": one.custody.value, "esID": one.es_id or "", "remakes": one.remakes or "", "why": one.reason,
            }
            for one in hub.seal_office.applications(authority, status)
        ]  # fmt: skip
    show("Applications", rows)


@seals.command("history")
def seal_history(which: Annotated[str, typer.Argument(help="The application's id, or the seal's esID.")]) -> None:
    """List the steps of an application and its seal."""
    with opened() as hub:
        rows = [
            {
                "step": one.step, "at": f"{from_micros(one.at):%Y-%m-%d %H:%M:%S}Z", "staff": one.staff, "reason": one.reason,
                "note": one.note,
            }
            for one in hub.seal_office.history(which)
        ]  # fmt: skip
    show("Steps", rows)


@seals.command("picture")
def seal_picture(
    application: ApplicationArgument, output: Annotated[Path, typer.Argument(help="PNG file to write, for you alone.")]
) -> None:
    """Write the picture that was applied for, to be looked at before it is approved."""
    with signed_in() as (hub, staff):
        shown = hub.seal_office.impression(staff, application)
    with written(output, PRIVATE) as file:
        file.write(shown.png)
    screen.print(f"{output}: {shown.width} x {shown.height} mm")


@seals.command("approve")
def seal_approve(application: ApplicationArgument, note: NoteOption = "") -> None:
    """Approve an application that somebody else made."""
    with signed_in() as (hub, staff):
        hub.seal_office.changes.approve(staff, application, note)
    screen.print(f"Approved. A third person makes it: licence-hub seal make {application}")


@seals.command("reject")
def seal_reject(application: ApplicationArgument, note: NoteOption) -> None:
    """Reject an application, saying why."""
    with signed_in() as (hub, staff):
        hub.seal_office.changes.reject(staff, application, note)
    screen.print("Rejected.")


@seals.command("make")
def seal_make(
    application: ApplicationArgument, key: KeyOption = None, chain: ChainOption = None,
    place: PlaceOption = KeyPlace.STORE,
) -> None:  # fmt: skip
    """Make an approved seal: key, certificate, esID and the maker's signature (root and maker once per suite)."""
    with signed_in() as (hub, staff):
        made = hub.seal_office.changes.make(staff, application, _source(key, chain, place))
    screen.print(f"esID: {made.es_id}\nkid: {made.kid}\nIt seals once it is filed: licence-hub seal file {made.es_id}")


@seals.command("request")
def seal_request(
    application: ApplicationArgument,
    output: Annotated[Path, typer.Argument(help="File to write: the request (PKCS#10, PEM).")],
    place: PlaceOption = KeyPlace.STORE,
) -> None:
    """Ask an outside authority to certify the key of an approved seal, or the next key of an active one."""
    with signed_in() as (hub, staff), written(output) as file:
        file.write(hub.seal_office.changes.request(staff, application, place))
    screen.print(
        f"{output}: send it to the authority. With what comes back: licence-hub seal make {application} --chain CHAIN.pem"
        " (an active seal: licence-hub seal rotate ESID --chain CHAIN.pem)"
    )


@seals.command("root")
def seal_root(
    suite: Annotated[str, typer.Argument(help="ES256, Ed25519 or SM2-SM3.")], place: PlaceOption = KeyPlace.STORE
) -> None:
    """Make the root and the maker of a suite before its first seal, to have their keys in hardware."""
    with signed_in() as (hub, staff):
        hub.seal_office.changes.make_root(staff, suite, place)
        root = hub.seals.register.makers[suite].certificate
    screen.print(f"root: {root.thumbprint}, until {root.not_after:%Y-%m-%d}. Hand it to verifiers by a second way.")


@seals.command("file")
def seal_file(es_id: SealArgument, note: NoteOption = "") -> None:
    """File a made seal and let it seal; its keys are published."""
    with signed_in() as (hub, staff):
        hub.seal_office.changes.file(staff, es_id, note)
        authority = hub.seals.seal(es_id).authority
    screen.print(f"Active. Keys: {hub.settings.public_url}/.well-known/jwt-vc-issuer/authorities/{authority}")


@seals.command("list")
def seal_list(authority: AuthorityOption) -> None:
    """List the seals that an authority looks after, and the keys that ever sealed with them."""
    with opened() as hub:
        rows = [
            {
                "esID": seal.es_id, "name": seal.name, "owner": seal.owner_name, "kind": seal.kind.value, "suite": seal.suite,
                "status": str(seal.status_at(to_micros(hub.clock.now()))), "until": f"{from_micros(seal.valid_until):%Y-%m-%d}",
                "kids": " ".join(each.kid for each in seal.signers),
            }
            for seal in hub.seals.seals(authority)
        ]  # fmt: skip
    show("Seals", rows)


@seals.command("show")
def seal_show(
    es_id: SealArgument,
    at: Annotated[datetime | None, typer.Option(help="As of this moment (UTC) instead of now.", formats=["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"])] = None,
) -> None:  # fmt: skip
    """Show a seal, its status and what signed under it, as of now or of another moment."""
    with opened() as hub:
        seal = hub.seals.seal(es_id)
        moment = to_micros(at.replace(tzinfo=UTC) if at else hub.clock.now())
    status = seal.status_at(moment)
    signer = seal.signer_at(moment)
    show("Seal", [
        {"fact": name, "is": told}
        for name, told in {
            "esID": seal.es_id, "name": seal.name, "owner": f"{seal.owner_name} {seal.owner}", "kind": seal.kind.value,
            "suite": seal.suite, "key kept by": seal.custody.value,
            "valid": f"{from_micros(seal.valid_from):%Y-%m-%d %H:%M:%S}Z to {from_micros(seal.valid_until):%Y-%m-%d %H:%M:%S}Z",
            "as of": f"{from_micros(moment):%Y-%m-%d %H:%M:%S}Z", "status": status.value if status else "not there yet",
            "signs with": signer.kid if signer else "nothing",
        }.items()
    ])  # fmt: skip


@seals.command("export")
def seal_export(
    es_id: SealArgument, output: Annotated[Path, typer.Argument(help="File to write, such as seal.esl.")]
) -> None:
    """Write a seal as SES_Seal (GB/T 38540-2020, DER), to be given to its owner; it shows what the seal says."""
    with opened() as hub:
        der = hub.seal_office.ses_seal(es_id)
    if der is None:
        raise InputInvalidError("Seals of this suite have no SES_Seal; SM2-SM3 and ES256 have.")
    with written(output) as file:
        file.write(der)
    screen.print(f"{output}: {len(der)} bytes")


@seals.command("rotate")
def seal_rotate(
    es_id: SealArgument, key: KeyOption = None, chain: ChainOption = None, place: PlaceOption = KeyPlace.STORE
) -> None:
    """Give a seal a new key; what the old one sealed stays verifiable."""
    with signed_in() as (hub, staff):
        made = hub.seal_office.changes.rotate(staff, es_id, _source(key, chain, place))
    screen.print(f"kid: {made.kid}")


@seals.command("suspend")
def seal_suspend(es_id: SealArgument, reason: ReasonOption, note: NoteOption = "") -> None:
    """Suspend a seal: it seals nothing until it is resumed."""
    _step(lambda changes, staff: changes.suspend(staff, es_id, reason, note))
    screen.print("Suspended; it seals nothing until it is resumed.")


@seals.command("resume")
def seal_resume(es_id: SealArgument, reason: ReasonOption, note: NoteOption = "") -> None:
    """Let a suspended seal seal again, also after a report that was a mistake."""
    _step(lambda changes, staff: changes.resume(staff, es_id, reason, note))
    screen.print("Resumed.")


@seals.command("revoke")
def seal_revoke(es_id: SealArgument, reason: ReasonOption, note: NoteOption = "") -> None:
    """Revoke a seal for ever; what it sealed before stays verifiable."""
    _step(lambda changes, staff: changes.revoke(staff, es_id, reason, note))
    screen.print("Revoked; it seals nothing any more, and verifiers see when and why.")


@seals.command("report-compromise")
def seal_report_compromise(es_id: SealArgument, note: NoteOption = "") -> None:
    """Report a stolen or lost key: the seal stops at once, and another person confirms it."""
    _step(lambda changes, staff: changes.report_compromise(staff, es_id, note))
    screen.print(f"Suspended. Another person confirms it: licence-hub seal confirm-compromise {es_id}")


@seals.command("confirm-compromise")
def seal_confirm_compromise(es_id: SealArgument, note: NoteOption = "") -> None:
    """Confirm a report: what the key sealed counts only with proof that it existed before."""
    _step(lambda changes, staff: changes.confirm_compromise(staff, es_id, note))
    screen.print(
        "Revoked as compromised. Apply for a new seal, then seal its licences anew: licence-hub seal reseal KID"
    )


def _step(act: Callable[[Changes, Staff], None]) -> None:
    with signed_in() as (hub, staff):
        act(hub.seal_office.changes, staff)


def _source(key: Path | None, chain: Path | None, place: KeyPlace) -> KeySource:
    return KeySource(load_public_pem(key.read_bytes()) if key else None, chain.read_bytes() if chain else None, place)
