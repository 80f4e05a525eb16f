"""Tokens of the identity platform: JWT access tokens (RFC 9068, OpenID Connect), verified under RFC 8725.

Decides whether a token is the platform's own, for this hub, of now, and whose code it vouches for. The token never chooses issuer, key or
algorithm, as hub.access.published_tokens says. It must never repeat a claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.access.holders.refusals import HolderTokenExpiredError, HolderTokenInvalidError
from hub.access.published_tokens import LONGEST_SUBJECT, claims_of
from hub.platform import Platform
from keys import jws
from keys.errors import KeysError, SubIndication, VerificationError
from keys.token_keys import TokenKey

TYPES: Final = frozenset({"at+jwt", "application/at+jwt", "JWT"})
LONGEST: Final = 8192
_LONGEST_CODE: Final = 64
_CODE_TYPE: Final = 3


@dataclass(frozen=True, slots=True)
class HolderFacts:
    """What a good token says: type and code of a person, and until when it is good, in seconds."""

    code_type: str = field(repr=False)
    code: str = field(repr=False)
    good_until: float


class HolderTokens:
    """Reads the tokens of one platform."""

    def __init__(self, platform: Platform) -> None:
        """Believe this platform and no other."""
        self._platform = platform

    def names_issuer(self, text: str) -> bool:
        """Tell whether a text is a token that says it is the platform's; nothing in it is believed."""
        try:
            return len(text) <= LONGEST and jws.parse(text).claims().get("iss") == self._platform.issuer
        except KeysError:
            return False

    def read(self, text: str, keys: Mapping[str, TokenKey], now: float) -> HolderFacts:
        """Return what a token says at `now`, in seconds.

        Raises:
            UnknownKeyError: it names another key than these.
            HolderTokenInvalidError: it is not the platform's, or not for this hub, or lacks a claim.
            HolderTokenExpiredError: it was good once.
        """
        claims = claims_of(text, keys, TYPES, HolderTokenInvalidError, "The token's typ must be at+jwt or JWT.")
        self._check_parties(claims)
        issued_at, expires_at = self._check_times(claims, now)
        good_until = min(expires_at, issued_at + self._platform.longest_seconds)
        return HolderFacts(*self._person(claims), good_until + self._platform.clock_seconds)

    def _check_parties(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != self._platform.issuer:
            raise HolderTokenInvalidError("iss is not the identity platform that this hub believes.")
        audience = claims.get("aud")
        addressed = [audience] if isinstance(audience, str) else audience
        if not isinstance(addressed, list) or self._platform.audience not in addressed:
            raise HolderTokenInvalidError("aud does not name this hub: ask the identity platform for a token for it.")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise HolderTokenInvalidError(f"sub must be text of 1 to {LONGEST_SUBJECT} characters.")

    def _check_times(self, claims: Mapping[str, Any], now: float) -> tuple[float, float]:
        """Return when it was issued and when it expires."""
        try:
            issued_at, expires_at = (jws.numeric_date(claims, name) for name in ("iat", "exp"))
            if issued_at is None or expires_at is None:
                raise HolderTokenInvalidError("The token needs exp and iat.")
            jws.check_times(claims, now, self._platform.clock_seconds)
        except VerificationError as error:
            if error.sub_indication == SubIndication.EXPIRED:
                raise HolderTokenExpiredError from error
            raise HolderTokenInvalidError(
                "nbf or iat lies in the future, or a time is no number of seconds."
            ) from error
        if now >= issued_at + self._platform.longest_seconds + self._platform.clock_seconds:
            raise HolderTokenExpiredError
        return issued_at, expires_at

    def _person(self, claims: Mapping[str, Any]) -> tuple[str, str]:
        code_type, code = claims.get(self._platform.code_type_claim), claims.get(self._platform.code_claim)
        if not isinstance(code_type, str) or not isinstance(code, str):
            raise HolderTokenInvalidError(
                "The token does not say whose it is: it lacks the claims of code type and code."
            )
        if len(code_type) != _CODE_TYPE or not 0 < len(code) <= _LONGEST_CODE:
            raise HolderTokenInvalidError("The token's code type or code has a length that none has.")
        return code_type, code
