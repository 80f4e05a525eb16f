"""`licence-hub verify`: one command for whatever somebody was handed: a picture or PDF with a printed code, a code's text, an evidence package.

Decides by the first bytes what it is, and what is believed: the hub that the settings name, or, where a trust list is given, that list under keys which came
by another way; then no setting is read and no network asked. The verdict comes first, in its colour; the exit code says it to programs.
"""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.markup import escape

from hub.clock import Calendar, SystemClock
from hub.commands.evidence import Notes, check_package
from hub.commands.offline import TrustKeyOption, keys_in
from hub.commands.opening import opened, screen, show
from hub.commands.verdict_words import REASONS, STYLES
from hub.commands.whole_files import read_small
from hub.counters.offline import verify_offline
from hub.counters.offline_pack.keeping import load
from hub.counters.pictures import LARGEST as LARGEST_PICTURE
from hub.counters.pictures import text_in
from hub.counters.verdict import Colour, Names, ShownLicence, Verdict, Why, Word
from hub.errors import InputInvalidError, SettingsError
from hub.settings import ZONE
from keys import base32, status_list, trust_list
from keys.errors import SubIndication, VerificationError
from keys.evidence_zip import LARGEST as LARGEST_PACKAGE
from keys.status_list import StatusList
from keys.status_list_form import CWT_MEDIA, JWT_MEDIA

EXIT: Final = {Colour.GREEN: 0, Colour.RED: 1, Colour.AMBER: 3}
"""By colour; 2 is a command that was not understood."""

STANDARD_INPUT: Final = "-"
PACKAGE: Final = ".zip"
_ZIP: Final = b"PK\x03\x04"
_TAGGED: Final = b"\xd2"  # COSE_Sign1; a JWT begins with a letter
_KEY_HELP: Final = "name+hash+key as text, or a file of lines of them"
_TWO_WAYS: Final = (
    "A code is verified by a hub or without one: set HUB_PUBLIC_URL and the other settings of the hub, or give --pack; "
    "or --trust-list, --trust-key and the --status-list of the licence."
)


def verify(
    what: Annotated[
        str,
        typer.Argument(
            help="A picture (PNG, JPEG, WEBP, GIF, BMP, TIFF) or PDF with a printed code, a file with a code's text or an evidence package; or the "
            "text itself, as a scanner types it: address or token. - reads the text from the standard input.",
        ),
    ],
    trust_list_file: Annotated[
        Path | None,
        typer.Option("--trust-list", help="Without a hub: its trust list, as it was fetched. Of an evidence package: a newer one, for what became of seals since.", exists=True, dir_okay=False),
    ] = None,
    trust_key: TrustKeyOption = None,
    status_lists: Annotated[
        list[Path] | None,
        typer.Option("--status-list", help="A status list of the hub, JWT or CWT, as it was fetched; as often as you like.", exists=True, dir_okay=False),
    ] = None,
    pack: Annotated[
        Path | None, typer.Option(help="Without a hub: its offline pack, as `licence-hub offline-pack` keeps it.", exists=True, dir_okay=False)
    ] = None,
    log_key: Annotated[
        list[str] | None, typer.Option(help=f"Of an evidence package: a key of the hub's log: {_KEY_HELP}.")
    ] = None,
    witness_key: Annotated[
        list[str] | None, typer.Option(help=f"Of an evidence package: a witness whom you believe: {_KEY_HELP}.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print verdict and report as JSON.")] = False,  # noqa: FBT002 - a flag
) -> None:  # fmt: skip
    """Verify a printed code or an evidence package.

    A code by the hub that the settings name, or without any by --pack, or by --trust-list, --trust-key and --status-list. It proves the licence, not who carries it.

    Exit code: 0 it is valid; 1 it is known not to be (revoked, expired, forged), or the command failed; 3 it could not be told (another hub, no status, no code in it).
    """
    content = _content(what)
    if content.startswith(_ZIP) or Path(what).suffix.lower() == PACKAGE:
        notes = Notes(log_key or (), witness_key or ())
        raise typer.Exit(check_package(content, trust_key, trust_list_file, notes, json=json))
    text = _text(content)
    verdict = (
        text if isinstance(text, Verdict) else _verdict(text, trust_list_file, trust_key, status_lists or (), pack)
    )
    if json:
        sys.stdout.write(f"{orjson.dumps(verdict.json(), option=orjson.OPT_INDENT_2).decode()}\n")
    else:
        _tell(verdict)
    raise typer.Exit(EXIT[verdict.colour])


def _content(what: str) -> bytes:
    """Return the bytes of a file, of the standard input, or of the text that was given; a code is never a file's name."""
    if what == STANDARD_INPUT:
        return sys.stdin.buffer.read(LARGEST_PICTURE + 1)
    if _is_file(what):
        return read_small(Path(what), LARGEST_PACKAGE)
    if Path(what).suffix and "://" not in what:
        raise InputInvalidError("There is no file of this name, and a code has no suffix.")
    return what.encode("utf-8", "surrogateescape")


def _is_file(what: str) -> bool:
    try:
        return Path(what).is_file()
    except (OSError, ValueError):  # no name of a file is so long
        return False


def _text(content: bytes) -> str | Verdict:
    """Return the text of a code: of what is no text the code in the picture."""
    if content.startswith(_TAGGED):
        return base32.encode(content)
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError:
        return text_in(content)
    return text_in(content) if text.startswith("%PDF-") else text


def _verdict(
    text: str, listed: Path | None, hub_keys: Path | None, status_lists: Iterable[Path], pack: Path | None
) -> Verdict:  # fmt: skip
    if pack is not None:
        return load(pack).open().verify(text, SystemClock().now())
    if listed is None and hub_keys is None:
        return _online(text)
    if listed is None or hub_keys is None:
        raise InputInvalidError(
            "Give --trust-list and --trust-key, both: without the hub's keys its list proves nothing."
        )
    keys, now = keys_in(hub_keys), SystemClock().now()
    try:
        found = trust_list.read(read_small(listed, trust_list.MOST_BYTES), keys, now)
    except VerificationError as error:
        if error.sub_indication is not SubIndication.TRY_LATER:
            raise
        return Verdict(Word.CANNOT_CONFIRM, Why.STALE, online=False)
    statuses = [_status_list(read_small(one), keys) for one in status_lists]
    return verify_offline(text, found, statuses, now, Calendar(ZoneInfo(ZONE)))


def _online(text: str) -> Verdict:
    async def asked() -> Verdict:
        try:
            return await hub.codes.public.verify(text)
        finally:
            await hub.reader.close()

    try:
        with opened() as hub:
            return asyncio.run(asked())
    except SettingsError as error:
        raise InputInvalidError(f"{error.message} {_TWO_WAYS}") from error


def _status_list(token: bytes, keys: Sequence[dict[str, object]]) -> StatusList:
    return status_list.read(token.strip(), CWT_MEDIA if token.startswith(_TAGGED) else JWT_MEDIA, keys)


def _tell(verdict: Verdict) -> None:
    """Print the verdict first, then what it is about and every check; what the code says are strangers' words."""
    screen.print(f"[{STYLES[verdict.colour]}] {verdict.word.value} [/] {escape(REASONS[verdict.reason])}")
    if verdict.licence is not None:
        show("Licence", [{"of the licence": name, "it is": escape(value)} for name, value in _facts(verdict.licence)])
        screen.print("It proves the licence, not who carries it.")
    if verdict.checks:
        show("Checks", [
            {"check": one.name, "outcome": one.outcome.value, "why": one.sub_indication or "", "detail": escape(one.detail)}
            for one in verdict.checks
        ])  # fmt: skip
    if verdict.as_of is not None:
        source = "by the hub" if verdict.online else "by a status list"
        screen.print(f"Status of {verdict.as_of:%Y-%m-%d %H:%M:%S}Z, {source}.", highlight=False)


def _facts(shown: ShownLicence) -> tuple[tuple[str, str], ...]:
    return (
        ("type", _named(shown.type_names, shown.type)),
        ("issuer", _named(shown.issuer_names, shown.issuer)),
        ("holder", shown.holder or "not said"),
        ("valid from", shown.valid_from or "not said"),
        ("valid until", shown.valid_until or "long-term"),
        ("seal", _named(shown.seal_names, shown.seal)),
        ("identifier", shown.identifier),
    )


def _named(names: Names, code: str) -> str:
    """Return both names and the code, each once."""
    return " · ".join(dict.fromkeys((names.zh, names.en, code)))
