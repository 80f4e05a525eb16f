"""Opens a stored licence as the funnel does: every part, bound to the sealed licence, the whole verified by the seal."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from hub.errors import DamagedError
from hub.licences.finding import StoredLicence, StoredPart
from hub.licences.parts import row_name, sealed_digest
from hub.vault.purposes import FACE
from hub.vault.service import Vault
from keys.sd_jwt import Disclosure, peek, present, values, verify
from tests.licences.world import World


@dataclass(frozen=True)
class Opened:
    """What came out: plain values, the verified claims, and the paths by part and row."""

    values: dict[str, Any]
    claims: dict[str, Any]
    paths: dict[tuple[int, str], list[tuple[str | int, ...]]]


def open_part(vault: Vault, stored: StoredLicence, part: StoredPart) -> list[Disclosure]:
    """Return the disclosures of one row; DamagedError when it or the sealed licence was touched."""
    key = vault.unwrap(part.key_id, part.edition, part.wrapped)
    content = orjson.loads(vault.open(FACE, key, row_name(stored.id, part.part, part.path), bytes(part.data)))
    if content["sealed"] != sealed_digest(stored.sealed):
        raise DamagedError
    return [Disclosure(tuple(path), encoded) for path, encoded in content["disclosures"]]


def open_all(world: World, stored: StoredLicence, rows: Iterable[StoredPart]) -> Opened:
    """Open every row and verify the whole under the seal's certificate."""
    by_row = {(row.part, row.path): open_part(world.vault, stored, row) for row in rows}
    disclosures = sorted((one for found in by_row.values() for one in found), key=lambda one: len(one.path))
    presentation = present(stored.sealed, [one.encoded for one in disclosures])
    seal_key = world.seals.trust().keys[peek(presentation)[0]["kid"]].certificate.public_key
    verified = verify(presentation, seal_key)
    paths = {row: [one.path for one in found] for row, found in by_row.items()}
    return Opened(values(disclosures), verified.claims, paths)


def opened(world: World, identifier: str) -> Opened:
    """Open and verify the edition with this identifier, pictures included."""
    stored = world.stored(identifier)
    images = world.ask(lambda finder: finder.images(stored.id))
    return open_all(world, stored, [*stored.parts, *images])
