"""Client systems and their public keys: who may ask for tokens.

Decides who is registered and active. Every change is recorded and advances the policy epoch in its own transaction, so
that answers made under the old state do not leave. Never keeps a secret: a client proves itself with a private key that
the hub never sees. Public keys are stored with the required members of a JWK (RFC 7638 section 3.2) and no others.
"""

import re
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from hub.access.caller import SCOPES, ActiveClient
from hub.access.model import Client, ClientKey
from hub.audit.service import Audit, Entry
from hub.clock import Clock, from_micros, to_micros
from hub.database import Database
from hub.errors import AlreadyExistsError, ClientUnknownError, DamagedError, InputInvalidError, UnavailableError
from keys.errors import KeysError, SuiteUnavailableError
from keys.suites import PublicKey, load_public_jwk

CLIENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")
KEY_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")  # GB 32100; the catalogue checks the check character
_LONGEST_NAME: Final = 100


By = Callable[[Session], Mapping[str, str]]
"""Asks, within the unit of work of a change, whether somebody may make it, and returns what its record says of him."""


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A public key of a client; a retired one is not active and authenticates nothing. `thumbprint` is that of RFC 7638."""

    kid: str
    algorithm: str
    active: bool
    thumbprint: str
    added_at: int

    @property
    def added_moment(self) -> datetime:
        """Return since when."""
        return from_micros(self.added_at)


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client system as an administrator sees it; `created_at` in microseconds."""

    client_id: str
    name: str
    authority: str
    scopes: frozenset[str]
    active: bool
    created_at: int
    keys: tuple[RegisteredKey, ...]

    @property
    def created_moment(self) -> datetime:
        """Return since when."""
        return from_micros(self.created_at)


class Clients:
    """Registers client systems, and finds those that may call."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        """Use the database's transactions, and record every change in the same one."""
        self._database = database
        self._audit = audit
        self._clock = clock

    # -- changes -----------------------------------------------------------------------------------------------------

    def add(
        self, name: str, authority: str, scopes: Collection[str], jwk: Mapping[str, Any], client_id: str | None = None,
        by: By | None = None,
    ) -> str:  # fmt: skip
        """Register an active client with its first key and return its id; without `client_id` one is made up.

        `by` names who does it, in the same unit of work; so in what follows.

        Raises:
            InputInvalidError: a name, credit code, scope or key is not acceptable.
            AlreadyExistsError: the client id is taken.
        """
        identity = f"client-{secrets.token_hex(8)}" if client_id is None else client_id
        _check(identity, name, authority, scopes)
        kid, text = _public(jwk)
        now = to_micros(self._clock.now())
        held = " ".join(sorted(scopes))
        facts = {"authority": authority, "scopes": sorted(scopes), "kid": kid}
        try:
            with self._changing(by) as (session, more):
                session.add(Client(id=identity, name=name, authority=authority, scopes=held, created_at=now))
                session.flush()
                session.add(ClientKey(client_id=identity, kid=kid, jwk=text, added_at=now))
                self._record(session, "add", identity, **facts, **more)
        except IntegrityError as error:
            raise AlreadyExistsError("A client with this id exists already; choose another id.") from error
        return identity

    def set_active(self, client_id: str, active: bool, by: By | None = None) -> None:  # noqa: FBT001 - the state that is to hold
        """Let a client call, or end it at once; a state that holds already is left alone.

        Raises:
            ClientUnknownError: no such client.
        """
        with self._changing(by) as (session, more):
            client = held(session, client_id)
            if client.active != active:
                client.active = active
                session.add(client)
                self._record(session, "activate" if active else "deactivate", client_id, **more)

    def add_key(self, client_id: str, jwk: Mapping[str, Any], by: By | None = None) -> str:
        """Add a public key to a client and return its kid: the JWK's own, or else its thumbprint.

        Raises:
            ClientUnknownError: no such client.
            InputInvalidError: not a public key for signatures of a suite this hub knows.
            AlreadyExistsError: the client has, or had, a key of this kid.
        """
        kid, text = _public(jwk)
        with self._changing(by) as (session, more):
            held(session, client_id)
            if session.get(ClientKey, (client_id, kid)) is not None:
                raise AlreadyExistsError("The client has, or had, a key with this kid; a new key needs a new kid.")
            session.add(ClientKey(client_id=client_id, kid=kid, jwk=text, added_at=to_micros(self._clock.now())))
            self._record(session, "add_key", client_id, kid=kid, **more)
        return kid

    def retire_key(self, client_id: str, kid: str, by: By | None = None) -> None:
        """Retire a key: it authenticates nothing any more.

        Raises:
            ClientUnknownError: no such client.
            InputInvalidError: the client has no active key of this kid, or it is the last one.
        """
        with self._changing(by) as (session, more):
            held(session, client_id)
            rows = session.exec(select(ClientKey).where(ClientKey.client_id == client_id, col(ClientKey.active)))
            active = {row.kid: row for row in rows}
            if kid not in active:
                raise InputInvalidError("The client has no active key with this kid.")
            if len(active) == 1:
                raise InputInvalidError("This is the client's last key; add a new one first, or deactivate the client.")
            active[kid].active = False
            session.add(active[kid])
            self._record(session, "retire_key", client_id, kid=kid, **more)

    @contextmanager
    def _changing(self, by: By | None) -> Iterator[tuple[Session, Mapping[str, str]]]:
        with self._database.transaction() as session:
            yield session, by(session) if by else {}

    def _record(self, session: Session, operation: str, client_id: str, **facts: object) -> None:
        self._audit.append(session, Entry("client", {"operation": operation, "client": client_id, **facts}))
        self._audit.advance_epoch(session)

    # -- look-ups ----------------------------------------------------------------------------------------------------

    def registered(self) -> tuple[RegisteredClient, ...]:
        """Return all clients by id, with all their keys."""
        with self._database.snapshot() as session:
            clients = session.exec(select(Client).order_by(Client.id)).all()
            keys = session.exec(select(ClientKey).order_by(col(ClientKey.added_at), ClientKey.kid)).all()
        return tuple(_registered(client, [key for key in keys if key.client_id == client.id]) for client in clients)

    def page(self, authority: str | None, after: str, size: int) -> tuple[RegisteredClient, ...]:
        """Return some clients by id, of one authority or of all, from behind an id on."""
        wanted = select(Client).where(col(Client.id) > after).order_by(Client.id).limit(size)
        if authority is not None:
            wanted = wanted.where(Client.authority == authority)
        with self._database.snapshot() as session:
            clients = session.exec(wanted).all()
            keys = _keys(session, [client.id for client in clients])
        return tuple(_registered(client, [key for key in keys if key.client_id == client.id]) for client in clients)

    def one(self, client_id: str) -> RegisteredClient:
        """Return a client with all its keys; raises ClientUnknownError."""
        with self._database.snapshot() as session:
            client = session.get(Client, client_id)
            if client is None:
                raise ClientUnknownError
            return _registered(client, _keys(session, [client_id]))

    def active(self, session: Session) -> dict[str, ActiveClient]:
        """Return the clients that may call, by id."""
        return {row.id: _active(row) for row in session.exec(select(Client).where(col(Client.active)))}

    def authenticated(self, session: Session, client_id: str, kid: str) -> tuple[ActiveClient, PublicKey] | None:
        """Return an active client and its active key of that kid, or None: which of them is missing is not told."""
        found = session.exec(
            select(Client, ClientKey)
            .where(ClientKey.client_id == Client.id, Client.id == client_id, ClientKey.kid == kid)
            .where(col(Client.active), col(ClientKey.active))
        ).first()
        if found is None:
            return None
        return _active(found[0]), _loaded(found[1])


def _keys(session: Session, client_ids: Collection[str]) -> Sequence[ClientKey]:
    wanted = select(ClientKey).where(col(ClientKey.client_id).in_(client_ids))
    return session.exec(wanted.order_by(col(ClientKey.added_at), ClientKey.kid)).all()


def held(session: Session, client_id: str) -> Client:
    """Return a client, held until the unit of work ends; raises ClientUnknownError."""
    client = session.get(Client, client_id, with_for_update=True) if CLIENT_ID.fullmatch(client_id) else None
    if client is None:
        raise ClientUnknownError
    return client


def _active(row: Client) -> ActiveClient:
    return ActiveClient(row.id, row.authority, frozenset(row.scopes.split()))


def _registered(row: Client, keys: Collection[ClientKey]) -> RegisteredClient:
    shown = tuple(_shown(key, _loaded(key)) for key in keys)
    return RegisteredClient(
        row.id, row.name, row.authority, frozenset(row.scopes.split()), row.active, row.created_at, shown
    )


def _shown(row: ClientKey, key: PublicKey) -> RegisteredKey:
    return RegisteredKey(row.kid, key.suite.jose_algorithm, row.active, key.thumbprint(), row.added_at)


def _loaded(row: ClientKey) -> PublicKey:
    try:
        return load_public_jwk(orjson.loads(row.jwk))
    except SuiteUnavailableError as error:
        raise UnavailableError("This machine lacks the library for the client key's suite.") from error
    except (KeysError, ValueError) as error:
        raise DamagedError from error


def _check(client_id: str, name: str, authority: str, scopes: Collection[str]) -> None:
    if not CLIENT_ID.fullmatch(client_id):
        raise InputInvalidError("A client id has 3 to 64 letters, digits, dots, underscores or hyphens.")
    if not name.isprintable() or not 1 <= len(name.strip()) <= len(name) <= _LONGEST_NAME:
        raise InputInvalidError(f"A client's name has 1 to {_LONGEST_NAME} printable characters.")
    if not _CREDIT_CODE.fullmatch(authority):
        raise InputInvalidError("A client's authority is an 18-character credit code.")
    if not scopes or not SCOPES.keys() >= set(scopes):
        raise InputInvalidError(f"A client has one or more of the scopes {', '.join(SCOPES)}.")


def _public(jwk: Mapping[str, Any]) -> tuple[str, str]:
    try:
        key = load_public_jwk(dict(jwk))
    except KeysError as error:
        raise InputInvalidError(
            "The key is not a public signature key, as a JWK, of a suite this hub knows."
        ) from error
    kid = jwk.get("kid", key.thumbprint())
    if not isinstance(kid, str) or not KEY_ID.fullmatch(kid):
        raise InputInvalidError("A key's kid has 1 to 128 printable ASCII characters without spaces.")
    return kid, orjson.dumps(key.to_jwk()).decode()
