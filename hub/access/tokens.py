"""Access tokens: JWT as RFC 9068, signed by the hub's own token key; bearer use as RFC 6750.

Decides whether a token is the hub's own, for its GraphQL endpoint, and in time. Never decides what its bearer may do:
client and scopes are looked up again in the roster. The claim `policy_epoch` says under which policy it was issued, so
that a process whose roster is older knows that it must read the policy again before it judges.
"""

import re
import uuid
from dataclasses import dataclass
from typing import Any, Final

from hub.access.caller import ActiveClient
from hub.errors import TokenExpiredError, TokenInvalidError
from keys import jws
from keys.errors import KeysError, SubIndication, VerificationError
from keys.own_key import OwnKey
from keys.store import KeyStore

KEY_NAME: Final = "hub/token-1"
TYPE: Final = "at+jwt"
_SUITE: Final = "ES256"
_CLOCK_LEEWAY: Final = 30  # between the clocks of two processes; it never lengthens a token's life
_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)")
_LONGEST: Final = 4096
_CLAIMS: Final = ("iss", "aud", "exp", "iat", "sub", "client_id", "scope", "policy_epoch")


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a good token says; `expires_at` in seconds."""

    client_id: str
    scopes: frozenset[str]
    policy_epoch: int
    expires_at: int


def bearer(authorization: str | None) -> str:
    """Return the token of an Authorization header.

    Raises:
        TokenInvalidError: the header is missing, or not `Bearer` with one compact JWT.
    """
    found = _BEARER.fullmatch(authorization) if authorization and len(authorization) <= _LONGEST else None
    if found is None:
        raise TokenInvalidError
    return found[1]


class AccessTokens:
    """Issues and reads the hub's access tokens."""

    def __init__(self, store: KeyStore, *, issuer: str, seconds: int) -> None:
        """`issuer` is the hub's public URL, `seconds` a token's life; call `prepare` before the first use."""
        self._key = OwnKey(store, KEY_NAME, _SUITE)
        self._issuer = issuer
        self._audience = f"{issuer}/graphql"
        self.seconds = seconds

    def prepare(self) -> None:
        """Make the token key where there is none; another process that was first is obeyed."""
        self._key.make()

    def issue(self, client: ActiveClient, scopes: frozenset[str], epoch: int, now: int) -> str:
        """Return a token for a client that has proved itself, at `now` in seconds."""
        claims = {
            "iss": self._issuer,
            "sub": client.client_id,
            "client_id": client.client_id,
            "aud": self._audience,
            "exp": now + self.seconds,
            "iat": now,
            "jti": uuid.uuid4().hex,
            "scope": " ".join(sorted(scopes)),
            "authority": client.authority,
            "policy_epoch": epoch,
        }
        return jws.sign_jwt(claims, self._key.private, self._key.kid, TYPE)

    def read(self, token: str, now: int) -> TokenFacts:
        """Return what a token says.

        Raises:
            TokenInvalidError: it is not this hub's, or not for its GraphQL endpoint.
            TokenExpiredError: it was good once.
        """
        public = self._key.private.public
        try:
            claims = jws.verify_jwt(
                token, public, typ=TYPE, now=now, audience=self._audience, leeway=_CLOCK_LEEWAY,
                required=_CLAIMS,
            )  # fmt: skip
        except VerificationError as error:
            expired = error.sub_indication == SubIndication.EXPIRED
            raise (TokenExpiredError if expired else TokenInvalidError) from error
        except KeysError as error:
            raise TokenInvalidError from error
        if claims["iss"] != self._issuer:
            raise TokenInvalidError
        if now >= claims["exp"]:
            raise TokenExpiredError
        return _facts(claims)

    def jwks(self) -> dict[str, Any]:
        """Return the JWK Set (RFC 7517) by which others verify the tokens."""
        return self._key.jwks()


def _facts(claims: dict[str, Any]) -> TokenFacts:
    return TokenFacts(claims["client_id"], frozenset(claims["scope"].split()), claims["policy_epoch"], claims["exp"])
