"""What a client sends to the token endpoint: RFC 6749 section 4.4.2 with the client authentication of RFC 7523.

Decides whether the form asks for what this hub offers, and nothing more; it believes no claim.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.errors import InputInvalidError, ScopeMissingError

GRANT_TYPE: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")  # RFC 6749 section 3.3


class GrantTypeError(InputInvalidError):
    """This hub gives tokens for the grant type client_credentials only."""

    code = "GRANT_TYPE_UNSUPPORTED"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A well-formed request: the assertion as sent, the scopes asked for (None: all) and the client id if it was sent."""

    assertion: str
    scopes: frozenset[str] | None
    client_id: str | None


def read(form: Mapping[str, str]) -> TokenRequest:
    """Read the form.

    Raises:
        InputInvalidError: a parameter is missing, or a secret was sent.
        GrantTypeError: another grant type.
        ScopeMissingError: `scope` is malformed.
    """
    grant_type = _required(form, "grant_type")
    if grant_type != GRANT_TYPE:
        raise GrantTypeError
    if "client_secret" in form:
        raise InputInvalidError("Send no client_secret; authenticate by private_key_jwt alone.")
    if _required(form, "client_assertion_type") != ASSERTION_TYPE:
        raise InputInvalidError(f"client_assertion_type must be {ASSERTION_TYPE}.")
    return TokenRequest(_required(form, "client_assertion"), _scopes(form.get("scope")), form.get("client_id"))


def _required(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise InputInvalidError(f"The parameter {name} is missing.")
    return form[name]


def _scopes(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    if not _SCOPE.fullmatch(text):
        raise ScopeMissingError("scope is a list of names, separated by single spaces.")
    return frozenset(text.split(" "))
