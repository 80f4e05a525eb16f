"""What the binding's exceptions mean here: which are refusals, which are told once the second try failed too.

Decides that no exception of the library leaves the package, and that its class's name alone is told: texts of libraries may hold
what was asked for.
"""

from types import MappingProxyType
from typing import Final

from pkcs11 import exceptions as told
from pkcs11.exceptions import PKCS11Error

from keys.errors import (
    KeyMissingError,
    KeyStoreError,
    PinLockedError,
    TokenBusyError,
    TokenError,
    TokenGoneError,
    TokenMissingError,
    TokenSuiteError,
    WrongPinError,
)

_WRONG_PIN: Final = "the PIN does not open the token"
_REFUSALS: Final = MappingProxyType(
    {
        told.NoSuchToken: (
            TokenMissingError,
            "no token of this name is there: look at its label, and whether it is plugged in",
        ),
        told.MultipleTokensReturned: (TokenMissingError, "several tokens have this name: give each a label of its own"),
        told.MultipleObjectsReturned: (KeyMissingError, "the token has several keys of this name: name one by its id"),
        told.SessionCount: (TokenBusyError, "the token gives no more sessions: other programs have them"),
        told.PinIncorrect: (WrongPinError, _WRONG_PIN),
        told.PinInvalid: (WrongPinError, _WRONG_PIN),
        told.PinLenRange: (WrongPinError, f"{_WRONG_PIN}: it is too short or too long"),
        told.PinExpired: (WrongPinError, "the PIN has expired: set a new one on the token"),
        told.UserPinNotInitialized: (WrongPinError, "the token has no PIN yet: its security officer must set one"),
        told.PinLocked: (
            PinLockedError,
            "the token is locked after too many wrong PINs: its security officer must set a new one",
        ),
        told.MechanismInvalid: (TokenSuiteError, "the token has no mechanism for this suite"),
        told.DomainParamsInvalid: (TokenSuiteError, "the token does not know the curve of this suite"),
        told.KeyTypeInconsistent: (TokenSuiteError, "the token's key is not of its suite"),
        told.TokenWriteProtected: (TokenError, "the token is write-protected: no key can be made on it"),
        told.SessionReadOnly: (TokenError, "the token takes no new keys in this session"),
        told.DeviceMemory: (TokenError, "the token is full: remove keys that are of no use any more"),
        told.TemplateInconsistent: (TokenError, "the token does not make keys that cannot be exported"),
    }
)


def refusal(error: PKCS11Error) -> KeyStoreError | None:
    """What the token refuses, and would refuse again; None when it may be the session that is broken."""
    found = _REFUSALS.get(type(error))
    return found[0](found[1]) if found else None


def gone(error: PKCS11Error) -> KeyStoreError:
    """What is told when a second try did not help."""
    if isinstance(error, told.NoSuchKey):
        return KeyMissingError("the token has no such key: it was removed, or it is on another token of this name")
    return refusal(error) or TokenGoneError(
        f"the token does not answer ({type(error).__name__}): put it back, and look at its own service"
    )
