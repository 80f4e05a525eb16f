"""Ids of words that the pages of clients put together; hub/web/console/clients."""

from collections.abc import Mapping

from hub.access.caller import SCOPES

STATES = frozenset(("activate", "deactivate"))
MADE: Mapping[str, frozenset[str]] = {
    "problem.{}": frozenset(("PRIVATE_KEY_GIVEN", "PUBLIC_KEY_INVALID")),
    "{}.done": frozenset(f"clients.{each}" for each in ("add", "add_key", "retire_key", *STATES)),
    "{}.section": frozenset(("clients",)),
    "clients.{}": STATES,
    "clients.{}.lead": STATES,
    "clients.{}.changes": STATES,
    "clients.scope.{}": frozenset(name.replace(":", "_") for name in SCOPES),
}
