"""JWTs of an outside issuer, under the keys that it publishes: what access tokens of holders and ID tokens of staff have in common (RFC 8725).

Decides whether the issuer signed a token, and that for this kind of use. The token never chooses issuer, key or algorithm; `jku`, `x5u`, `x5c` and `jwk`
are not looked at, and `none` is none of the algorithms there are. Until its signature was found good every refusal is the same.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from hub.errors import HubError
from keys import jws, token_keys
from keys.errors import KeysError, UncheckableError
from keys.token_keys import TokenKey

LONGEST_SUBJECT: Final = 255
"""Characters of a `sub` (OpenID Connect Core section 2)."""


class UnknownKeyError(Exception):
    """None of the keys is the one that a token names."""


def claims_of(
    text: str, keys: Mapping[str, TokenKey], types: Collection[str | None], refused: type[HubError], no_type: str
) -> Mapping[str, Any]:
    """Return the claims of a token whose signature is good and whose `typ` is one of these; None is a token without.

    Raises:
        UnknownKeyError: it names another key than these.
        HubError: `refused`, which says nothing more, or `no_type` where only its type is wrong.
    """
    try:
        token = jws.parse(text)
        token_keys.check(token, keys)
        claims = token.claims()
    except UncheckableError as error:
        raise UnknownKeyError from error
    except KeysError as error:
        raise refused from error
    if token.header.get("typ") not in types:
        raise refused(no_type)
    return claims
