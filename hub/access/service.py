"""Access: who is calling (OAuth 2.0 client credentials with private_key_jwt; RFC 6749, 7523, 8414, 9068).

Decides which clients get tokens and which tokens are honoured. Never trusts a token beyond what it proves: the client's
state is the roster's, and the roster is of one policy epoch, which the commit of every answer's record compares.
"""

import hashlib
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from hub.access import assertions, token_request
from hub.access.assertions import Assertion, AssertionCheck
from hub.access.caller import SCOPES, ActiveClient, Caller
from hub.access.client_desk import ClientDesk, Current
from hub.access.clients import Clients, RegisteredClient
from hub.access.model import SeenAssertion
from hub.access.roster import Roster
from hub.access.shelf import TrustedDocument, read_shelf
from hub.access.token_request import TokenRequest
from hub.access.tokens import AccessTokens, bearer
from hub.audit.service import Audit
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import AssertionReplayedError, ClientAuthenticationError, ScopeMissingError
from keys.store import KeyStore

KEPT_AFTER_EXPIRY = 60  # seconds: longer than a request takes and than clocks of processes differ
PURGED_AT_ONCE = 100
RETIRED_TOLD = timedelta(days=30)  # afterwards a retired document is one that was never registered


@dataclass(frozen=True, slots=True)
class Granted:
    """A token was given: to whom, and the reply of RFC 6749 section 5.1."""

    client_id: str
    reply: dict[str, Any]


class Access:
    """Registers clients, gives them tokens, and tells who a request's caller is."""

    def __init__(
        self, database: Database, audit: Audit, store: KeyStore, clock: Clock, *, issuer: str, token_seconds: int
    ) -> None:
        """`issuer` is the hub's public URL; call `prepare` and `refresh` before the first use."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._issuer = issuer
        self._clients = Clients(database, audit, clock)
        self._assertions = AssertionCheck(issuer)
        self._tokens = AccessTokens(store, issuer=issuer, seconds=token_seconds)
        self._roster = Roster(0, {})
        self._refreshing = threading.Lock()

    def prepare(self) -> None:
        """Make the token key where there is none; safe to call at every start."""
        self._tokens.prepare()

    def refresh(self) -> None:
        """Read the active clients, the documents and their epoch, as of one moment, and forget the callers accepted so far.

        Raises:
            UnavailableError: the database did not answer; the old roster stays.
        """
        with self._refreshing, self._database.snapshot() as session:
            epoch = self._audit.epoch(session)  # held until the unit of work ends, so no client changes meanwhile
            since = to_micros(self._clock.now() - RETIRED_TOLD)
            shelf = read_shelf(session, self._roster.shelf, since)
            self._roster = Roster(epoch, self._clients.active(session), shelf=shelf)

    def _follow(self) -> None:
        """Know a change made here at once, under the old epoch.

        The epoch moves with `refresh` only, when every part of the hub reads again what it remembers: until then no
        answer of this process is kept, as its epoch is not the database's any more.
        """
        with self._refreshing, self._database.snapshot() as session:
            self._roster = Roster(self._roster.epoch, self._clients.active(session), shelf=self._roster.shelf)

    @property
    def epoch(self) -> int:
        """The policy epoch of the roster in use."""
        return self._roster.epoch

    # -- clients -----------------------------------------------------------------------------------------------------

    def add_client(
        self, name: str, authority: str, scopes: Collection[str], jwk: Mapping[str, Any], client_id: str | None = None
    ) -> str:
        """Register a client and return its id; see Clients.add."""
        identity = self._clients.add(name, authority, scopes, jwk, client_id)
        self._follow()
        return identity

    def desk(self, current: Current) -> ClientDesk:
        """Return the desk where staff keep clients; `current` returns a person as he is now, within a unit of work."""
        return ClientDesk(self._clients, current, self._follow)

    def clients(self) -> tuple[RegisteredClient, ...]:
        """Return all clients, by id."""
        return self._clients.registered()

    def require_active(self, client_id: str, scope: str) -> None:
        """Refuse what a client asked for earlier, if it may not ask for it now.

        Raises:
            ScopeMissingError: it was ended, or does not have the scope any more.
            UnavailableError: the database did not answer.
        """
        with self._database.snapshot() as session:
            client = self._clients.active(session).get(client_id)
        if client is None or scope not in client.scopes:
            raise ScopeMissingError("The client that asked for this is not active any more, or lacks the scope now.")

    def set_active(self, client_id: str, active: bool) -> None:  # noqa: FBT001 - the state that is to hold
        """Let a client call, or end it at once; see Clients.set_active."""
        self._clients.set_active(client_id, active)
        self._follow()

    def add_key(self, client_id: str, jwk: Mapping[str, Any]) -> str:
        """Add a client's key and return its kid; see Clients.add_key."""
        kid = self._clients.add_key(client_id, jwk)
        self._follow()
        return kid

    def retire_key(self, client_id: str, kid: str) -> None:
        """Retire a client's key; see Clients.retire_key."""
        self._clients.retire_key(client_id, kid)
        self._follow()

    # -- tokens ------------------------------------------------------------------------------------------------------

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a token request with the reply of RFC 6749 section 5.1; raises as `grant` does."""
        return self.grant(form).reply

    def grant(self, form: Mapping[str, str]) -> Granted:
        """Give a token to a client that proves itself.

        Raises:
            InputInvalidError, GrantTypeError: the form is not a request this endpoint answers.
            ClientAuthenticationError, AssertionReplayedError: the client did not prove itself.
            ScopeMissingError: the client does not have a scope it asks for.
            UnavailableError: the database did not answer; nothing was kept.
        """
        request = token_request.read(form)
        now = self._now()
        client, epoch = self._authenticate(request.assertion, request.client_id, now)
        scopes = _granted_scopes(request, client)
        return Granted(client.client_id, self._reply(client, scopes, epoch, now))

    def prove(self, caller: Caller, assertion: str) -> None:
        """Make sure that the caller holds its key now: a token alone, which may be stolen, does not change keys.

        `assertion` is a client assertion as for a token, fresh and used once.

        Raises:
            ClientAuthenticationError, AssertionReplayedError: it is not this client's proof.
            UnavailableError: the database did not answer; nothing was kept.
        """
        self._authenticate(assertion, caller.client_id, self._now())

    def _authenticate(self, text: str, client_id: str | None, now: int) -> tuple[ActiveClient, int]:
        """Check an assertion and use it up; `client_id` None accepts any client."""
        assertion = assertions.parse(text)
        with self._database.snapshot() as session:
            found = self._clients.authenticated(session, assertion.client_id, assertion.kid)
        self._assertions.check(assertion, found[1] if found else None, now)
        if client_id not in (None, assertion.client_id):
            raise ClientAuthenticationError("client_id must be the assertion's sub, or be left out.")
        return self._admit(assertion, now)

    def _admit(self, assertion: Assertion, now: int) -> tuple[ActiveClient, int]:
        """Use the assertion up; the client is read again here, for it may have been ended a moment ago."""
        try:
            with self._database.transaction() as session:
                epoch = self._audit.epoch(session)
                found = self._clients.authenticated(session, assertion.client_id, assertion.kid)
                if found is None:
                    raise ClientAuthenticationError
                _purge(session, now)
                expires_at = int(assertion.claims["exp"]) + KEPT_AFTER_EXPIRY
                session.add(SeenAssertion(digest=assertion.digest, expires_at=expires_at))
        except IntegrityError as error:
            raise AssertionReplayedError from error
        return found[0], epoch

    def _reply(self, client: ActiveClient, scopes: frozenset[str], epoch: int, now: int) -> dict[str, Any]:
        return {
            "access_token": self._tokens.issue(client, scopes, epoch, now),
            "token_type": "Bearer",
            "expires_in": self._tokens.seconds,
            "scope": " ".join(sorted(scopes)),
        }

    def caller(self, authorization: str | None) -> Caller:
        """Tell who sends this Authorization header; no database is asked.

        Raises:
            TokenInvalidError, TokenExpiredError: the token is not, or no longer, honoured.
            PolicyChangedError: the token is newer than the roster; refresh and ask again.
        """
        # By the whole header: it is one text for one token, so of a token that is remembered the form was looked at.
        digest = hashlib.sha256((authorization or "").encode("utf-8", "surrogatepass")).digest()
        now, roster = int(self._clock.now().timestamp()), self._roster
        return roster.remembered(digest, now) or roster.accept(digest, self._tokens.read(bearer(authorization), now))

    def standing(self, client_id: str) -> Caller:
        """Return a client as a caller without a token: what it asked for goes on for as long as it may call; no database is asked.

        Raises:
            TokenInvalidError: it may not, or not any more.
        """
        return self._roster.standing(client_id)

    def document(self, caller: Caller | None, hash_: str) -> TrustedDocument:
        """Return the trusted document of the caller's client by its hash; no database is asked.

        Raises:
            DocumentUnknownError, DocumentRetiredError: there is none, or none any more.
        """
        return self._roster.shelf.find(caller.client_id if caller else None, hash_)

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    # -- what clients read before they call --------------------------------------------------------------------------

    def metadata(self) -> dict[str, Any]:
        """Return the authorization server metadata (RFC 8414 section 2)."""
        return {
            "issuer": self._issuer,
            "token_endpoint": f"{self._issuer}/oauth/token",
            "jwks_uri": f"{self._issuer}/.well-known/jwks.json",
            "scopes_supported": sorted(SCOPES),
            "response_types_supported": [],  # required by section 2; there is no authorization endpoint
            "grant_types_supported": [token_request.GRANT_TYPE],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": self._assertions.algorithms,
        }

    def jwks(self) -> dict[str, Any]:
        """Return the JWK Set by which access tokens are verified."""
        return self._tokens.jwks()


def _granted_scopes(request: TokenRequest, client: ActiveClient) -> frozenset[str]:
    if request.scopes is None:
        return client.scopes
    if not request.scopes <= client.scopes:
        raise ScopeMissingError("The client does not have every scope it asks for; leave scope out to get all it has.")
    return request.scopes


def _purge(session: Session, now: int) -> None:
    """Forget assertions that have expired; those another process is forgetting are left to it."""
    expired = select(SeenAssertion.digest).where(SeenAssertion.expires_at <= now).limit(PURGED_AT_ONCE)
    digests = session.exec(expired.with_for_update(skip_locked=True)).all()
    session.exec(delete(SeenAssertion).where(col(SeenAssertion.digest).in_(digests)))
