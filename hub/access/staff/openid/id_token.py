"""ID tokens: whose they are, if they are the provider's, for this hub, of this sign-in and of now (OpenID Connect Core section 3.1.3.7, RFC 8725).

Decides that alone; whether the provider signed it is told by hub.access.published_tokens. It must never repeat a claim.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

from hub.access.published_tokens import LONGEST_SUBJECT, claims_of
from hub.access.staff.refusals import ProviderAnswerError, ProviderClockError, ProviderLevelError
from hub.openid import OpenIdProvider
from keys import jws
from keys.errors import FormatError, VerificationError
from keys.token_keys import TokenKey

LONGEST: Final = 16384
OLDEST: Final = 600  # seconds: it was made for this sign-in, which takes no longer
TYPES: Final = frozenset({None, "JWT"})


def subject(text: str, keys: Mapping[str, TokenKey], provider: OpenIdProvider, nonce: str, now: float) -> str:
    """Return the `sub` of a good ID token at `now`, in seconds.

    Raises:
        UnknownKeyError: it names another key than these.
        ProviderAnswerError: it does not verify; ProviderClockError and ProviderLevelError say so where that is all.
    """
    if len(text) > LONGEST:
        raise ProviderAnswerError
    claims = claims_of(text, keys, TYPES, ProviderAnswerError, "The token is no ID token.")
    _check_parties(claims, provider)
    if not hmac.compare_digest(_text_of(claims, "nonce").encode(), nonce.encode()):
        raise ProviderAnswerError("The ID token is of another sign-in.")
    _check_times(claims, provider, now)
    _check_level(claims, provider, now)
    found = _text_of(claims, "sub")
    if not 0 < len(found) <= LONGEST_SUBJECT or not found.isascii() or not found.isprintable():
        raise ProviderAnswerError(f"sub must be 1 to {LONGEST_SUBJECT} printable ASCII characters.")
    return found


def _check_parties(claims: Mapping[str, Any], provider: OpenIdProvider) -> None:
    if claims.get("iss") != provider.issuer:
        raise ProviderAnswerError("The ID token is of another issuer.")
    audience = claims.get("aud")
    addressed = [audience] if isinstance(audience, str) else audience
    if not isinstance(addressed, list) or provider.client_id not in addressed:
        raise ProviderAnswerError("The ID token is for another client.")
    party = claims.get("azp", None if len(addressed) > 1 else provider.client_id)
    if party != provider.client_id:
        raise ProviderAnswerError("The ID token was made for another client.")


def _check_times(claims: Mapping[str, Any], provider: OpenIdProvider, now: float) -> None:
    try:
        issued_at, expires_at = (jws.numeric_date(claims, name) for name in ("iat", "exp"))
        if issued_at is None or expires_at is None:
            raise ProviderAnswerError("The ID token needs exp and iat.")
        jws.check_times(claims, now, provider.clock_seconds)
    except FormatError as error:
        raise ProviderAnswerError("A time of the ID token is no number of seconds.") from error
    except VerificationError as error:
        raise ProviderClockError from error
    if now > issued_at + OLDEST + provider.clock_seconds:
        raise ProviderClockError


def _check_level(claims: Mapping[str, Any], provider: OpenIdProvider, now: float) -> None:
    methods = claims.get("amr", [])
    if provider.acr and claims.get("acr") not in provider.acr:
        raise ProviderLevelError
    if not isinstance(methods, list) or not provider.amr <= {each for each in methods if isinstance(each, str)}:
        raise ProviderLevelError
    if provider.max_age is not None and not _is_recent(claims, provider.max_age + provider.clock_seconds, now):
        raise ProviderLevelError


def _is_recent(claims: Mapping[str, Any], seconds: int, now: float) -> bool:
    try:
        at = jws.numeric_date(claims, "auth_time")
    except FormatError:
        return False
    return at is not None and now - at <= seconds


def _text_of(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise ProviderAnswerError(f"The ID token lacks {name}.")
    return value
