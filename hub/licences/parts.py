"""How the disclosures of one licence are kept: in which part, in which row, as which bytes.

Decides whose each disclosure is. A licence of a sole holder has one part, 0. With several holders part 0 is common and
part n, from 1, holds the n-th holder's elements, each under a key of its own: erasing one person leaves the others.
Every part holds the digest of the sealed licence, so that a change of either is found when the part is opened.
"""

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import orjson

from hub.catalogue.licence_type import LicenceType
from hub.licences.draft import Draft, holder_of
from keys import base64url
from keys.sd_jwt import Disclosure, Path

COMMON = 0

Row = tuple[int, str]


def sealed_digest(jwt: str) -> str:
    """Return SHA-256 of the sealed licence's bytes, base64url without padding: what binds parts to it."""
    return base64url.encode(hashlib.sha256(jwt.encode()).digest())


def row_name(licence_id: str, part: int, path: str) -> str:
    """Return the name under which a row of `licence_part` is sealed (purpose FACE)."""
    return f"{licence_id}\x1f{part}\x1f{path}"


def holder_parts(draft: Draft) -> tuple[int, ...]:
    """Return each holder's part, in the order of the holders."""
    return (COMMON,) if len(draft.holders) == 1 else tuple(range(1, len(draft.holders) + 1))


def owners(draft: Draft, licence_type: LicenceType) -> Mapping[Path, int]:
    """Return the part of every per-person element, by its path (list, position); the draft must have passed `draft.check`."""
    if len(draft.holders) == 1:
        return MappingProxyType({})
    found: dict[Path, int] = {}
    for path, member in licence_type.per_person.items():
        for place, element in enumerate(draft.document().get(path, ())):
            owner = holder_of(element[member], draft.holders)
            found[path, place] = COMMON if owner is None else owner + 1
    return MappingProxyType(found)


def schema_path(path: Path) -> str:
    """Return a disclosure's path as the licence type names it: dotted, without list positions."""
    return ".".join([step for step in path if isinstance(step, str)])


def divide(
    disclosures: Iterable[Disclosure], owned: Mapping[Path, int], images: frozenset[str]
) -> dict[Row, list[Disclosure]]:
    """Return the disclosures by row: part, and the dotted path with positions of an image (otherwise empty)."""
    if not owned and not images:
        return {(COMMON, ""): list(disclosures)}
    rows: dict[Row, list[Disclosure]] = {}
    for one in disclosures:
        part = owned.get(one.path[:2], COMMON)
        image = ".".join(str(step) for step in one.path) if schema_path(one.path) in images else ""
        rows.setdefault((part, image), []).append(one)
    return rows


def pack(digest: str, disclosures: Iterable[Disclosure]) -> bytes:
    """Return a row's plaintext; `digest` is the `sealed_digest` of the licence."""
    return orjson.dumps({"sealed": digest, "disclosures": [[one.path, one.encoded] for one in disclosures]})
