"""Commands of everybody who signs in: `licence-hub init`, `sign-in`, `sign-out`. Secrets are typed, never arguments."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import segno
import typer

from hub.access.staff.accounts import check_names
from hub.access.staff.caller import Staff
from hub.access.staff.refusals import SignInFailedError
from hub.access.staff.sessions import Way
from hub.commands import session_file
from hub.commands.opening import opened, screen
from hub.composition import Hub
from hub.errors import InputInvalidError, SettingsError

_TRIES_OF_A_CODE: Final = 3

PasswordFile = Annotated[
    Path | None, typer.Option(help="File of mode 600 with the password, instead of typing it.", exists=True)
]


@contextmanager
def signed_in() -> Iterator[tuple[Hub, Staff]]:
    """Open the hub for the person who signed in here."""
    with opened() as hub:
        yield hub, hub.staff.caller(session_file.authorization(hub.settings.public_url))


def init(
    login: Annotated[str | None, typer.Option(help="His login name; it stands in records.")] = None,
    name: Annotated[str | None, typer.Option(help="His own name; it is kept encrypted.")] = None,
    password_file: PasswordFile = None,
    recover: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--recover", help="Let a hub administrator in again whom no other can reset.")
    ] = False,
) -> None:
    """Make the first hub administrator of a hub that has none; ask for a code of his authenticator before anything is kept."""
    with opened() as hub:
        founding = hub.staff.founding
        if not recover:
            founding.require_none()
        login = login or typer.prompt("Login name")
        if recover:
            founding.require_administrator(login)
            founder = founding.begin_again(login, _new_password(password_file))
        else:
            name = name or typer.prompt("Name")
            check_names(login, name)
            founder = founding.begin(login, name, _new_password(password_file))
        show_enrolment(founder.enrolment)
        _with_code(lambda code: founding.finish(founder, code))
    screen.print("The hub has its administrator. Sign in with `licence-hub sign-in`, and have two of them soon.")


def sign_in(
    login: Annotated[str | None, typer.Argument(help="Login name.")] = None, password_file: PasswordFile = None
) -> None:
    """Sign in at this machine; with a temporary password, choose another and set up the authenticator."""
    with opened() as hub:
        login = login or typer.prompt("Login name")
        password = _password(password_file)
        code = typer.prompt(
            "Code of the authenticator (none with a temporary password)", default="", show_default=False
        )
        signed = hub.staff.sign_in(login, password, code, Way.COMMAND)
        file = session_file.keep(hub.settings.public_url, signed.session.token)
        if signed.enrolment is not None:
            _enrol(hub, password, signed.enrolment)
    screen.print(f"Signed in; the session is kept in {file}.")


def sign_out() -> None:
    """End the session of this command line."""
    with signed_in() as (hub, staff):
        hub.staff.sign_out(staff)
        session_file.forget(hub.settings.public_url)
    screen.print("Signed out.")


def show_enrolment(address: str) -> None:
    """Show what an authenticator takes, as an address and as a QR code; it is shown once."""
    screen.print("Let your authenticator take this; it is shown to you alone:")
    sys.stdout.write(f"{address}\n")
    segno.make(address, error="l").terminal(sys.stdout, border=1, compact=True)


def change_password(hub: Hub, staff: Staff) -> None:
    """Ask for what a change of the password needs, and change it."""
    present = typer.prompt("Present password", hide_input=True)
    hub.staff.change_password(staff, present, _new_password(None), typer.prompt("Code of the authenticator"))


def _enrol(hub: Hub, password: str, address: str) -> None:
    screen.print("This is a temporary password: choose your own.")
    staff = hub.staff.caller(session_file.authorization(hub.settings.public_url))
    show_enrolment(address)
    new = _new_password(None)
    _with_code(lambda code: hub.staff.change_password(staff, password, new, code))


def _with_code(act: Callable[[str], object]) -> None:
    """Do what takes a code; a wrong one is asked for again, because what the authenticator has just taken is good for this once."""
    for left in reversed(range(_TRIES_OF_A_CODE)):
        try:
            act(typer.prompt("Code of the authenticator"))
        except SignInFailedError as error:
            if not left:
                raise
            screen.print(error.message)
        else:
            return


def _new_password(file: Path | None) -> str:
    if file is not None:
        return _password(file)
    return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True))
    if file.stat().st_mode & 0o077:
        raise SettingsError("The password file is open to others; run chmod 600 on it.")
    try:
        return file.read_text("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputInvalidError("The password file is not text in UTF-8.") from None
