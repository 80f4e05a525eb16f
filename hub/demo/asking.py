"""`licence-hub ask` and `licence-hub token`: call a demonstration that serves, as its first client, its holder or its staff would."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from hub.demo.clients import DemoClient
from hub.demo.department import Department
from hub.demo.platform import DemoPlatform
from hub.demo.staff import DemoPerson
from hub.errors import SettingsError


def department_of(manifest: dict[str, Any], folder: Path, place: int = 0) -> Department:
    """Return a client of demo.json, ready to sign in."""
    client = manifest["clients"][place]
    known = DemoClient(client["client_id"], client["kid"], client["authority"], (), client["private_key"], ())
    return Department(known, folder, manifest["url"])


def ask(folder: Path) -> dict[str, Any]:
    """Return the answer to the ready query; raises as `signed_in`."""
    with signed_in(folder) as (department, manifest):
        return department.ask(manifest["query"], manifest["variables"])


def token(folder: Path) -> str:
    """Return a fresh access token; raises as `signed_in`."""
    with signed_in(folder) as (department, _):
        return department.token


def holder_token(folder: Path) -> str:
    """Return a fresh token of the demonstration's identity platform for its holder; raises SettingsError."""
    holder = _manifest(folder)["holder"]
    return DemoPlatform.of(folder).token(holder["codeType"], holder["code"])


def staff_signs_in(folder: Path, login: str) -> str:
    """Return what somebody of the demonstration's staff types at /sign-in now; raises SettingsError."""
    staff = {each["login"]: DemoPerson(**each) for each in _manifest(folder)["staff"]}
    if login not in staff:
        raise SettingsError(f"The demonstration's staff are {', '.join(staff)}.")
    person = staff[login]
    return f"login {person.login}\npassword {person.password}\ncode {person.code(time.time())}, for half a minute"


@contextmanager
def signed_in(folder: Path) -> Iterator[tuple[Department, dict[str, Any]]]:
    """Yield the first client of a demonstration, signed in, and demo.json.

    Raises:
        SettingsError: there is no demonstration in the folder, or it does not serve.
    """
    manifest = _manifest(folder)
    department = department_of(manifest, folder)
    try:
        department.sign_in()
        yield department, manifest
    except httpx.TransportError as error:
        raise SettingsError(
            f"Nothing answers at {manifest['url']}; start the demonstration with `make demo`."
        ) from error
    finally:
        department.close()


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "demo.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no {folder}/demo.json; start the demonstration with `make demo`.") from error
    return found
