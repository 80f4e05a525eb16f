"""Which module has which command, so that one is run without the others: what all of them import takes a second of processor time.

`hub.cli` makes the whole command line of it; `hub.__main__` runs one command alone.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Place(NamedTuple):
    """The module of a command and its name there."""

    module: str
    name: str


GROUPS: Final[Mapping[str, Place]] = {
    "authority": Place("hub.commands.catalogue", "authorities"),
    "type": Place("hub.commands.catalogue", "types"),
    "item": Place("hub.commands.items", "items"),
    "client": Place("hub.commands.clients", "clients"),
    "seal": Place("hub.commands.resealing", "seals"),
    "grant": Place("hub.commands.grants", "grants"),
    "keys": Place("hub.commands.keys", "keys"),
    "schema": Place("hub.commands.schema", "schema"),
    "import": Place("hub.commands.importing", "imports"),
    "staff": Place("hub.commands.staff", "staff"),
    "audit": Place("hub.commands.audit", "audit"),
    "holder": Place("hub.commands.holders", "holders"),
    "supervision": Place("hub.commands.supervision", "supervision"),
    "consent": Place("hub.commands.consents", "consents"),
    "demand": Place("hub.commands.demands", "demands"),
    "negative-list": Place("hub.commands.demands", "negative_list"),
    "register": Place("hub.commands.registers", "registers"),
    "dispute": Place("hub.commands.disputes", "disputes"),
    "webhook": Place("hub.commands.webhooks", "webhooks"),
    "rendition": Place("hub.commands.renditions", "renditions"),
}
"""Commands with commands of their own."""

SINGLE: Final[Mapping[str, Place]] = {
    "init": Place("hub.commands.signing_in", "init"),
    "sign-in": Place("hub.commands.signing_in", "sign_in"),
    "sign-out": Place("hub.commands.signing_in", "sign_out"),
    "erase": Place("hub.commands.grants", "erase"),
    "serve": Place("hub.commands.serving", "serve"),
    "work": Place("hub.commands.work", "work"),
    "evidence": Place("hub.commands.evidence", "evidence"),
    "verify": Place("hub.commands.verifying", "verify"),
    "offline-pack": Place("hub.commands.offline_packs", "offline_pack"),
    "migrate": Place("hub.commands.migrating", "migrate"),
}
HIDDEN: Final[Mapping[str, Place]] = {"fold": Place("hub.commands.fold", "fold")}
"""Commands that a server starts."""
