"""What the endpoint by hand holds in memory under one policy epoch: grants, keys, and the callers it has accepted.

Made at the start from an opened hub, and again when the epoch has moved or the legal day has ended; nothing of it is kept longer. The hub's
own parts are asked here only, never while a request is answered, but for a token that is new.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.companies import TYPE
from hub.composition import Hub
from hub.sharing.basis import unshared_by
from hub.vault import purposes
from hub.vault.editions import INDEX, WRAPPING
from keys import envelope

Place = tuple[str, str]
"""An authority and one of its service items."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What of the fields that are answered an authority may read for an item; the rest is withheld, path by path with its reason."""

    paths: frozenset[str]
    withheld: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """All of it. `ends` is when the legal day does, in seconds; `callers` are client, authority and expiry, by Authorization header."""

    epoch: int
    day: str
    ends: float
    granted: Mapping[Place, Granted]
    order: tuple[str, ...]
    wrapping: Mapping[int, AESGCM] = field(repr=False)
    number_key: bytes = field(repr=False)
    holder_key: bytes = field(repr=False)
    salt_key: bytes = field(repr=False)
    callers: dict[bytes, tuple[str, str, float]] = field(default_factory=dict, repr=False)


_SALTS: Final = "store:hub/records-1"


def read_memory(hub: Hub, fields: tuple[str, ...]) -> Memory:
    """Return what is in force now of business licences, for an endpoint that answers these fields."""
    hub.refresh()
    day = hub.settings.calendar.day(hub.clock.now())
    rings = hub.vault.editions.keyring.kinds
    (index_key,) = rings[INDEX].keys.values()  # no index rotates while benchmarks run
    number, holder = purposes.number(TYPE), purposes.holder(TYPE)
    return Memory(
        epoch=hub.epoch(), day=day.isoformat(), ends=hub.settings.calendar.start(day + timedelta(days=1)).timestamp(),
        granted=dict(_granted(hub, fields)), order=tuple(each for each in hub.catalogue.current.types[TYPE][-1].leaf_paths if each in fields),
        wrapping={edition: AESGCM(key) for edition, key in rings[WRAPPING].keys.items()},
        number_key=envelope.derive(index_key, f"{number.kind}\x1f{number.scope}"),
        holder_key=envelope.derive(index_key, f"{holder.kind}\x1f{holder.scope}"),
        salt_key=hub.store.secret(_SALTS),
    )  # fmt: skip


def _granted(hub: Hub, fields: tuple[str, ...]) -> Iterator[tuple[Place, Granted]]:
    """Yield what is granted of business licences today; of an item that is another authority's there is nothing."""
    (licence_type,) = hub.catalogue.current.types[
        TYPE
    ]  # one version: what it forbids to share is the same for all licences
    if licence_type.holder_consent or licence_type.several_holders:
        raise ValueError("The endpoint by hand asks for no consent and knows one holder.")
    unshared, day = unshared_by(licence_type), hub.settings.calendar.day(hub.clock.now())
    items = hub.catalogue.current.items
    for authority, item in hub.sharing.policy.grants:
        grants = hub.sharing.policy.of_type(authority, item, TYPE, day)
        paths = frozenset[str]().union(*(grant.paths for grant in grants)).intersection(fields) - unshared
        if paths and item in items and items[item].authority == authority:
            withheld = (each for each in licence_type.leaf_paths if each in fields and each not in paths)
            reasons = ((each, "NOT_SHARED" if each in unshared else "NOT_GRANTED") for each in withheld)
            yield (authority, item), Granted(paths, tuple(reasons))
