"""The register of webhooks: which client system is sent changes, for which item, to which address.

Decides who may register what, and in which state a receiver is. A client registers for itself, for an item of its authority's under a grant with feed, and proves that
it holds its key: a stolen token alone redirects nothing. Every act is a record; a secret is shown once, when it is made.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson
from sqlmodel import Session, col, delete, func, select

from hub.access.caller import Caller
from hub.audit.service import Audit, Entry
from hub.catalogue.licence_type import LicenceType
from hub.catalogue.service import Catalogue
from hub.changes.model import Webhook, WebhookDeadLetter, WebhookProgress
from hub.changes.refusals import WebhookLimitError, WebhookStateError, WebhookUnknownError
from hub.changes.webhooks import receiver_secrets
from hub.changes.webhooks.addresses import Reach
from hub.changes.webhooks.receiver_secrets import Secret
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError
from hub.vault.service import Vault

KIND: Final = "webhook"
MOST: Final = 20
"""Of one client system."""

_MOST_NAMED: Final = 100


class State(StrEnum):
    """ACTIVE and PAUSED follow each other; DISABLED was paused by the hub, and says why; REMOVED is for good."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True)
class Wish:
    """A receiver that a client wants: where, for which item, and of what (None: all that is granted). Paths may be those of objects and lists."""

    url: str
    item: str
    types: Collection[str] | None = None
    paths: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Receiving:
    """A receiver as it is registered; `types` and `paths` are None for all that is granted."""

    id: str
    client_id: str
    authority: str
    item: str
    url: str
    types: frozenset[str] | None
    paths: frozenset[str] | None
    state: State
    reason: str | None
    created_at: int
    changed_at: int

    def wanted(self, versions: Sequence[LicenceType]) -> Mapping[str, frozenset[str]] | None:
        """Return the leaf paths that it wants of a type, of which these are the versions; None: all."""
        if self.paths is None:
            return None
        leaves = (leaf for each in versions for leaf in each.leaf_paths)
        return {
            versions[-1].key: frozenset(leaf for leaf in leaves if any(_is_below(leaf, path) for path in self.paths))
        }


@dataclass(frozen=True, slots=True)
class Registered:
    """A receiver, and its secret, which is shown now and never again."""

    receiving: Receiving
    secret: Secret = field(repr=False)


class Register:
    """Keeps the webhooks of all client systems."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, catalogue: Catalogue, clock: Clock, reach: Reach
    ) -> None:
        """Seal secrets in the vault; `reach` says which addresses are sent to."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._clock = clock
        self._reach = reach

    def add(self, caller: Caller, wish: Wish, place: int) -> Registered:
        """Register a receiver, which is sent what changes from a place of the log on.

        Raises:
            WebhookAddressError: the hub does not send to this address.
            InputInvalidError, TypeUnknownError: a type or a path is none.
            WebhookLimitError: the client has as many as it may.
        """
        self._reach.check(wish.url)
        types, paths = self._checked(wish)
        now, secret, of = to_micros(self._clock.now()), receiver_secrets.make(), uuid.uuid4().hex
        with self._database.transaction() as session:
            self._database.lock(session, f"webhooks of {caller.client_id}".encode())
            if self._count(session, caller.client_id) >= MOST:
                raise WebhookLimitError
            key = self._vault.new_key(session)
            row = Webhook(
                id=of, client_id=caller.client_id, authority=caller.authority, item=wish.item, url=wish.url,
                types=_listed(types), paths=_listed(paths), state=State.ACTIVE.value, key_id=key.id, created_at=now,
                changed_at=now, secrets=receiver_secrets.sealed(self._vault, key, of, [secret]),
            )  # fmt: skip
            session.add(row)
            session.flush()
            session.add(WebhookProgress(webhook_id=of, place=place, next_at=now))
            self._record(session, "ADDED", row, client=caller.client_id)
            return Registered(_receiving(row), secret)

    def replace_secret(self, client_id: str, of: str) -> Registered:
        """Make a new secret; the present one signs beside it for a day. Raises WebhookUnknownError, WebhookStateError."""
        with self._database.transaction() as session:
            row = self._mine(session, client_id, of)
            kept = receiver_secrets.opened(self._vault, session, row.key_id, row.id, row.secrets)
            both = receiver_secrets.replaced(kept, self._clock.now())
            key = self._vault.load_key(session, row.key_id)
            row.secrets = receiver_secrets.sealed(self._vault, key, row.id, both)
            self._changed(session, "SECRET_REPLACED", row, client=client_id)
            return Registered(_receiving(row), both[0])

    def pause(self, client_id: str | None, of: str) -> Receiving:
        """Send nothing more until it is resumed; for a client, or (None) an administrator. Raises WebhookUnknownError, WebhookStateError."""
        return self._move(client_id, of, "PAUSED", {State.ACTIVE}, State.PAUSED)

    def resume(self, client_id: str | None, of: str, place: int | None = None) -> Receiving:
        """Send again, from where it was or from a place of the log on. Raises WebhookUnknownError, WebhookStateError."""

        def anew(session: Session) -> None:
            progress = _progress(session, of)
            progress.attempts, progress.failing_since = 0, None
            progress.next_at = to_micros(self._clock.now())
            progress.place = progress.place if place is None else place
            session.add(progress)

        come_from = {State.PAUSED, State.DISABLED} | ({State.ACTIVE} if place is not None else set())
        return self._move(client_id, of, "RESUMED", come_from, State.ACTIVE, anew)

    def remove(self, client_id: str | None, of: str) -> Receiving:
        """Remove it for good, its secret and dead letters with it. Raises WebhookUnknownError, WebhookStateError."""

        def forget(session: Session) -> None:
            session.exec(delete(WebhookDeadLetter).where(col(WebhookDeadLetter.webhook_id) == of))
            row = session.get_one(Webhook, of)
            self._vault.destroy(session, [row.key_id], to_micros(self._clock.now()))

        return self._move(client_id, of, "REMOVED", set(State) - {State.REMOVED}, State.REMOVED, forget)

    def hold(self, session: Session, of: str) -> None:
        """Keep others from changing it until the unit of work ends."""
        session.get(Webhook, of, with_for_update=True)

    def disable(self, session: Session, of: str, reason: str) -> None:
        """Pause it within a unit of work of who delivers, and say why."""
        row = session.get(Webhook, of, with_for_update=True)
        if row is not None and row.state == State.ACTIVE:
            row.state, row.reason = State.DISABLED.value, reason
            self._changed(session, "DISABLED", row, reason=reason)

    def find(self, client_id: str | None, of: str) -> Receiving:
        """Return a client's receiver, or anybody's; raises WebhookUnknownError."""
        with self._database.snapshot() as session:
            return _receiving(self._mine(session, client_id, of, held=False))

    def of_client(self, client_id: str | None) -> tuple[Receiving, ...]:
        """Return the receivers of a client, or of all, oldest first, without those that were removed."""
        kept = select(Webhook).where(Webhook.state != State.REMOVED).order_by(col(Webhook.created_at), col(Webhook.id))
        mine = kept if client_id is None else kept.where(Webhook.client_id == client_id)
        with self._database.snapshot() as session:
            return tuple(_receiving(row) for row in session.exec(mine))

    def loaded(self, session: Session, of: str) -> tuple[Receiving, list[Secret]] | None:
        """Return an active receiver with its secrets; None of others."""
        row = session.get(Webhook, of)
        if row is None or row.state != State.ACTIVE:
            return None
        return _receiving(row), receiver_secrets.opened(self._vault, session, row.key_id, row.id, row.secrets)

    def _checked(self, wish: Wish) -> tuple[Sequence[str], Sequence[str]]:
        types = sorted(set(wish.types or ()))
        known = [self._catalogue.type(key) for key in types]
        paths = sorted(set(wish.paths or ()))
        if len(paths) > _MOST_NAMED or (paths and not known):
            raise InputInvalidError(f"Paths are up to {_MOST_NAMED}, and named together with the types they are of.")
        if wish.types is not None and not types:
            raise InputInvalidError("Name one type or more, or leave `types` out.")
        if any(not any(_is_below(leaf, path) for each in known for leaf in each.leaf_paths) for path in paths):
            raise InputInvalidError("None of the types has one of the paths.")
        return types, paths

    def _count(self, session: Session, client_id: str) -> int:
        mine = (Webhook.client_id == client_id, Webhook.state != State.REMOVED)
        return session.exec(select(func.count()).select_from(Webhook).where(*mine)).one()

    def _mine(self, session: Session, client_id: str | None, of: str, *, held: bool = True) -> Webhook:
        row = session.get(Webhook, of, with_for_update=held)
        if row is None or row.state == State.REMOVED or client_id not in (None, row.client_id):
            raise WebhookUnknownError
        return row

    def _move(
        self, client_id: str | None, of: str, operation: str, come_from: Collection[State], to: State,
        besides: Callable[[Session], None] = lambda _session: None,
    ) -> Receiving:  # fmt: skip
        with self._database.transaction() as session:
            row = self._mine(session, client_id, of)
            if row.state not in come_from:
                raise WebhookStateError
            row.state, row.reason = to.value, None
            _stop(session, of)
            besides(session)
            self._changed(session, operation, row, client=client_id)
            return _receiving(row)

    def _changed(self, session: Session, operation: str, row: Webhook, **facts: Any) -> None:
        row.changed_at = to_micros(self._clock.now())
        session.add(row)
        session.flush()
        self._record(session, operation, row, **facts)

    def _record(self, session: Session, operation: str, row: Webhook, **facts: Any) -> None:
        told = {
            "operation": operation, "webhook": row.id, "of": row.client_id, "authority": row.authority, "item": row.item,
            "url": row.url, "types": orjson.loads(row.types), "paths": orjson.loads(row.paths), **facts,
        }  # fmt: skip
        self._audit.append(session, Entry(KIND, told))


def _stop(session: Session, of: str) -> None:
    """Let whoever delivers to a receiver stop before the next change: nothing he notes counts any more."""
    progress = _progress(session, of)
    progress.leased_by, progress.leased_until = None, 0
    session.add(progress)


def _progress(session: Session, of: str) -> WebhookProgress:
    return session.get_one(WebhookProgress, of, with_for_update=True)


def _receiving(row: Webhook) -> Receiving:
    types, paths = frozenset(orjson.loads(row.types)), frozenset(orjson.loads(row.paths))
    return Receiving(
        id=row.id, client_id=row.client_id, authority=row.authority, item=row.item, url=row.url, types=types or None,
        paths=paths or None, state=State(row.state), reason=row.reason, created_at=row.created_at,
        changed_at=row.changed_at,
    )  # fmt: skip


def _listed(words: Collection[str]) -> str:
    return orjson.dumps(sorted(words)).decode()


def _is_below(leaf: str, path: str) -> bool:
    return leaf == path or leaf.startswith(f"{path}.")
