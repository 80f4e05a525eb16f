"""Client assertions: a short-lived JWT by which a client proves itself (RFC 7523 section 3, RFC 8725).

Decides whether an assertion is the client's own, meant for this hub, fresh and short-lived. Until the signature has been
checked every refusal is the same, in words and in work: an unknown client, an unknown or retired key and a bad
signature all cost one look-up and one verification under a key of the suite that the header names, and the registered
key is used under no other suite. Whether it was used before is for the caller to find out, by `digest`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.access.clients import CLIENT_ID, KEY_ID
from hub.errors import ClientAuthenticationError
from keys import jws
from keys.errors import KeysError, VerificationError
from keys.suites import SUITES, PublicKey, suite_of_jose

LONGEST_LIFE: Final = 300
LEEWAY: Final = 30
TYPES: Final = frozenset({None, "JWT", "client-authentication+jwt"})
_LONGEST: Final = 8192
_SHORTEST_JTI: Final = 16
_LONGEST_JTI: Final = 128


@dataclass(frozen=True, slots=True)
class Assertion:
    """A well-formed assertion that nobody has believed yet."""

    client_id: str
    kid: str
    token: jws.Jws
    claims: Mapping[str, Any]

    @property
    def digest(self) -> bytes:
        """The 32 bytes by which a second use is found: the client and its jti, hashed."""
        return hashlib.sha256(f"{self.client_id}\x1f{self.claims['jti']}".encode()).digest()


def parse(text: str) -> Assertion:
    """Take an assertion apart without believing it.

    Raises:
        ClientAuthenticationError: it is not a JWT with a kid, a sub and a type this hub reads.
    """
    if len(text) > _LONGEST:
        raise ClientAuthenticationError("The client assertion is too long.")
    try:
        token = jws.parse(text)
        claims = token.claims()
    except KeysError as error:
        raise ClientAuthenticationError("The client assertion is not a well-formed signed JWT.") from error
    client_id, kid = claims.get("sub"), token.header.get("kid")
    if not isinstance(client_id, str) or not isinstance(kid, str):
        raise ClientAuthenticationError("The client assertion needs a kid in its header and a sub in its claims.")
    if token.header.get("typ") not in TYPES:
        raise ClientAuthenticationError("The client assertion's typ must be JWT, or absent.")
    if not CLIENT_ID.fullmatch(client_id) or not KEY_ID.fullmatch(kid):
        raise ClientAuthenticationError
    return Assertion(client_id, kid, token, claims)


class AssertionCheck:
    """Checks assertions that are addressed to one issuer."""

    def __init__(self, issuer: str) -> None:
        """Make the decoys: a key of each suite whose private half is forgotten at once, so nothing verifies under it."""
        self._issuer = issuer
        self._decoys = {row.name: row.generate().public for row in SUITES.values() if row.available()}

    @property
    def algorithms(self) -> list[str]:
        """The JOSE algorithms that clients may sign with on this machine."""
        return sorted(SUITES[name].jose_algorithm for name in self._decoys)

    def check(self, assertion: Assertion, key: PublicKey | None, now: int) -> None:
        """Accept an assertion under the client's registered key (None: there is none) at `now`, in seconds.

        Raises:
            ClientAuthenticationError: it is not acceptable; only after the signature was found good does it say why.
        """
        self._check_signature(assertion.token, key)
        claims = assertion.claims
        self._check_parties(claims)
        _check_times(claims, now)
        jti = claims.get("jti")
        if not isinstance(jti, str) or not _SHORTEST_JTI <= len(jti) <= _LONGEST_JTI:
            raise ClientAuthenticationError(f"jti must be text of {_SHORTEST_JTI} to {_LONGEST_JTI} characters.")

    def _check_signature(self, token: jws.Jws, key: PublicKey | None) -> None:
        try:
            decoy = self._decoys.get(suite_of_jose(token.header["alg"]).name)
        except KeysError:
            decoy = None
        if decoy is None:
            accepted = ", ".join(self.algorithms)
            raise ClientAuthenticationError(f"The client assertion must be signed with one of {accepted}.")
        chosen = key if key is not None and key.suite == decoy.suite else decoy
        try:
            jws.check(token, chosen, typ=None)
        except KeysError as error:
            raise ClientAuthenticationError from error

    def _check_parties(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != claims["sub"]:
            raise ClientAuthenticationError("iss and sub must both be the client id.")
        if claims.get("aud") not in (self._issuer, [self._issuer]):
            raise ClientAuthenticationError(
                "aud must be this hub's issuer, as its metadata gives it, and nothing else."
            )


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    try:
        expiry = jws.numeric_date(claims, "exp")
        jws.check_times({name: value for name, value in claims.items() if name != "exp"}, now, LEEWAY)
    except VerificationError as error:
        raise ClientAuthenticationError("nbf or iat lies in the future, or a time is no number of seconds.") from error
    if expiry is None or not now < expiry <= now + LONGEST_LIFE:
        message = f"exp must lie in the future, by {LONGEST_LIFE} seconds at most; compare the clocks."
        raise ClientAuthenticationError(message)
