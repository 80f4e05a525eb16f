"""How holders are told no: one class each, with a stable code. A message never repeats what a token says.

HubError
├── AccessError
│   ├── HolderTokenInvalidError       HOLDER_TOKEN_INVALID       what is wrong is told once the signature was found good
│   └── HolderTokenExpiredError       HOLDER_TOKEN_EXPIRED
└── UnavailableError
    └── HolderKeysUnavailableError    HOLDER_KEYS_UNAVAILABLE    a token that cannot be checked is not believed
"""

from hub.errors import AccessError, UnavailableError


class HolderTokenInvalidError(AccessError):
    """The identity platform's token is not one that this hub believes; sign in there anew."""

    code = "HOLDER_TOKEN_INVALID"


class HolderTokenExpiredError(AccessError):
    """The identity platform's token is too old; sign in there anew."""

    code = "HOLDER_TOKEN_EXPIRED"


class HolderKeysUnavailableError(UnavailableError):
    """The identity platform's keys cannot be had now, so its tokens cannot be checked. Try again; the hub's log says why."""

    code = "HOLDER_KEYS_UNAVAILABLE"
