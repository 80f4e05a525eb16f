"""The offline pack as counters fetch it: a signed manifest, and parts by addresses that always mean the same bytes.

Decides what is in a pack: trust list, names, every status list that speaks; and for how long it is good for something. All parts follow from what
is stored, so every process names the same and can serve what another one named; only the signature over them is each process's own, made
once in PERIOD seconds or when something changed. It never holds anything of a person, and serves no past beyond what `hub.licences.status_editions` allows.
"""

import asyncio
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from anyio import to_thread

from hub.catalogue.service import Catalogue, Generation
from hub.clock import Clock
from hub.counters.offline_pack.names import names_of
from hub.counters.offline_pack.refusals import OfflinePartUnknownError
from hub.errors import StatusListUnknownError
from hub.licences.status_editions import Edition
from hub.licences.status_lists import StatusLists
from hub.seals.published import PublishedList, SealLists
from keys import status_delta
from keys.offline_pack import NAMES, STATUS_LISTS, TRUST_LIST, Manifest, Part, digest, sign
from keys.own_key import OwnKey
from keys.store import KeyStore

KEY: Final = "hub/offline-pack-1"
SUITE: Final = "ES256"
PATH: Final = "offline-pack"
PERIOD: Final = 10
"""Seconds for which a process hands out a manifest before it looks whether status lists have news."""

_KEPT: Final = 32  # parts that a process keeps in memory, with their compressed form


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes, and the same in the ZLIB format (the content coding "deflate", RFC 9110 section 8.4.1.2)."""

    body: bytes = field(repr=False)
    packed: bytes = field(repr=False)


class OfflinePack:
    """Makes manifests and serves parts. One per process and event loop."""

    def __init__(
        self, catalogue: Catalogue, seal_lists: SealLists, status_lists: StatusLists, store: KeyStore, clock: Clock, *,
        public_url: str, zone: str, warn_after: int, refuse_after: int,
    ) -> None:  # fmt: skip
        """`zone` is that of legal days. A pack is old from `warn_after` seconds on, and good for nothing from `refuse_after`; call `prepare` once before the first use."""
        self._catalogue = catalogue
        self._seal_lists = seal_lists
        self._editions = status_lists.editions(timedelta(seconds=refuse_after))
        self._clock = clock
        self._key = OwnKey(store, KEY, SUITE)
        self._issuer = public_url
        self._zone = zone
        self._warn_after = warn_after
        self._refuse_after = refuse_after
        self._making, self._reading = asyncio.Lock(), asyncio.Lock()
        self._manifest: tuple[int, tuple[int, bytes], bytes] = (0, (0, b""), b"")
        self._names: tuple[Generation | None, bytes] = (None, b"")
        self._kept: OrderedDict[str, Content] = OrderedDict()

    def prepare(self) -> None:
        """Make the key of manifests where there is none."""
        self._key.make()

    def jwks(self) -> dict[str, Any]:
        """Return the JWK Set by which manifests are verified."""
        return self._key.jwks()

    async def manifest(self) -> bytes:
        """Return the present manifest, signed; raises UnavailableError, DamagedError."""
        trusted, names = await self._seal_lists.present(TRUST_LIST), self._present_names()
        async with self._making:
            made_at, named, manifest = self._manifest
            if not 0 <= self._now() - made_at < PERIOD or named != (trusted.number, names):
                manifest = await self._made(trusted, names)
            return manifest

    async def trust_list(self, edition: int) -> Content:
        """Return the trust list of that edition, if it is the present one.

        Raises:
            OfflinePartUnknownError: it is not.
            UnavailableError: the database did not answer.
        """
        present = await self._seal_lists.present(TRUST_LIST)
        if present.number != edition:
            raise OfflinePartUnknownError
        return await self._content(f"{TRUST_LIST}/{edition}", lambda: present.body)

    async def names(self, tag: str) -> Content:
        """Return the names whose digest begins so, if they are the present ones; raises OfflinePartUnknownError."""
        present = self._present_names()
        if tag != _tag(present):
            raise OfflinePartUnknownError
        return await self._content(f"{NAMES}/{tag}", lambda: present)

    async def status_list(self, number: int, publication: int, since: int | None = None) -> Content:
        """Return a status list at a publication, or what changed in it since another one where that is less to fetch.

        Raises:
            OfflinePartUnknownError: one of them is too old or was never, or the whole list is no larger than what changed.
            UnavailableError: the database did not answer.
        """
        try:
            await to_thread.run_sync(self._editions.check, number, publication, since)
            address = f"{STATUS_LISTS}{number}/{publication}"
            if since is None:
                return await self._content(address, lambda: self._editions.whole(number, publication))
            changes = await self._content(
                f"{address}/{since}", lambda: status_delta.write(self._editions.changes(number, since, publication))
            )
            whole = await self._content(address, lambda: self._editions.whole(number, publication))
        except StatusListUnknownError:
            raise OfflinePartUnknownError from None
        if len(changes.packed) >= len(whole.packed):
            raise OfflinePartUnknownError
        return changes

    async def _content(self, address: str, read: Callable[[], bytes]) -> Content:
        """Return what is kept, or what is read and compressed on a thread: one at a time, for everybody may ask."""
        async with self._reading:
            if address not in self._kept:
                self._kept[address] = await to_thread.run_sync(_packed, read)
            self._kept.move_to_end(address)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[address]

    async def _made(self, trusted: PublishedList, names: bytes) -> bytes:
        now = self._now()
        editions = await to_thread.run_sync(self._editions.present)
        parts = (_trust_list(trusted), _names(names), *map(_status_list, editions))
        manifest = Manifest(
            issuer=self._issuer, issued_at=now, expires_at=min(now + self._refuse_after, max(trusted.until, now + 1)),
            warn_after=self._warn_after, refuse_after=self._refuse_after,
            parts=MappingProxyType({each.name: each for each in parts}),
        )  # fmt: skip
        self._manifest = now, (trusted.number, names), sign(manifest, self._key.private, self._key.kid)
        return self._manifest[2]

    def _present_names(self) -> bytes:
        present = self._catalogue.current
        if self._names[0] is not present:
            self._names = (present, names_of(present, self._zone))
        return self._names[1]

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _trust_list(present: PublishedList) -> Part:
    return _part(TRUST_LIST, f"{TRUST_LIST}/{present.number}", present.number, present.body)


def _names(present: bytes) -> Part:
    return _part(NAMES, f"{NAMES}/{_tag(present)}", 1, present)


def _status_list(one: Edition) -> Part:
    name = f"{STATUS_LISTS}{one.number}"
    return Part(name, f"{PATH}/{name}/{one.publication}", one.publication, one.sha256, one.size)


def _part(name: str, address: str, edition: int, body: bytes) -> Part:
    return Part(name, f"{PATH}/{address}", edition, digest(body), len(body))


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def _packed(read: Callable[[], bytes]) -> Content:
    body = read()
    return Content(body, zlib.compress(body))
