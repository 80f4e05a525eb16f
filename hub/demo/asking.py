"""`licence-hub ask`: sends the ready query of a demonstration that serves, as its first client would."""

import json
from pathlib import Path
from typing import Any

import httpx

from hub.demo.clients import DemoClient
from hub.demo.department import Department
from hub.errors import SettingsError


def department_of(manifest: dict[str, Any], folder: Path, place: int = 0) -> Department:
    """Return a client of demo.json, ready to sign in."""
    client = manifest["clients"][place]
    known = DemoClient(client["client_id"], client["kid"], client["authority"], (), client["private_key"], ())
    return Department(known, folder, manifest["url"])


def ask(folder: Path) -> dict[str, Any]:
    """Return the answer to the ready query.

    Raises:
        SettingsError: there is no demonstration in the folder, or it does not serve.
    """
    try:
        manifest = json.loads((folder / "demo.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no {folder}/demo.json; start the demonstration with `make demo`.") from error
    department = department_of(manifest, folder)
    try:
        department.sign_in()
        return department.ask(manifest["query"], manifest["variables"])
    except httpx.TransportError as error:
        raise SettingsError(
            f"Nothing answers at {manifest['url']}; start the demonstration with `make demo`."
        ) from error
    finally:
        department.close()
