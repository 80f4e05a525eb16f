"""A line with a token: the login of this process, and the sessions that are opened under it.

PKCS#11 logs in an application, not a session, and logging out makes every handle of a private key invalid (2.40, C_Login and
C_Logout). So one session, the anchor, logs in and stays open; the others are opened beside it and end without logging anybody out.
Decides what a wrong PIN is told as, and when the module begins again.
"""

from contextlib import suppress
from typing import Any, Final

import pkcs11
from pkcs11 import Attribute, ObjectClass, TokenFlag
from pkcs11.exceptions import MultipleObjectsReturned, NoSuchKey, PKCS11Error, UserAlreadyLoggedIn

from keys.errors import PinLockedError, TokenMissingError, WrongPinError
from keys.pkcs11_module import Beginning, Module, open_module
from keys.pkcs11_name import KeyName, TokenAccess
from keys.pkcs11_refusals import refusal

_MOST_HANDLES: Final = 1024
_LEFT: Final = (
    (TokenFlag.USER_PIN_LOCKED, PinLockedError, "it is locked now: its security officer must set a new PIN"),
    (TokenFlag.USER_PIN_FINAL_TRY, WrongPinError, "one more wrong PIN locks it"),
)


class Session:
    """A session, and the handles of keys that were found in it; every use is within `beginning`."""

    def __init__(self, raw: pkcs11.Session, beginning: Beginning) -> None:
        self.raw, self.beginning = raw, beginning
        self._keys: dict[KeyName, Any] = {}

    def key(self, name: KeyName) -> Any:
        """The private key of that name, looked for once; errors as for `one`."""
        found = self._keys.get(name)
        if found is None:
            if len(self._keys) == _MOST_HANDLES:
                self._keys.clear()
            found = self._keys[name] = self.one(ObjectClass.PRIVATE_KEY, name)
        return found

    def one(self, kind: ObjectClass, name: KeyName) -> Any:
        """The only object of that kind and name; raises NoSuchKey, which may mean that somebody logged this process out."""
        found = self.all(kind, name)
        if len(found) > 1:
            raise MultipleObjectsReturned
        if not found:
            raise NoSuchKey
        return found[0]

    def all(self, kind: ObjectClass, name: KeyName) -> list[Any]:
        """All objects of that kind and name."""
        wanted: dict[Attribute, Any] = {Attribute.CLASS: kind}
        if name.label is not None:
            wanted[Attribute.LABEL] = name.label
        if name.id is not None:
            wanted[Attribute.ID] = name.id
        return list(self.raw.get_objects(wanted))

    def writing(self) -> "Session":
        """Another session beside this one, that may write."""
        return Session(self.raw.token.open(rw=True), self.beginning)

    def close(self) -> None:
        """End it, if it has not ended by itself."""
        with suppress(PKCS11Error), self.beginning:
            self.raw.close()


class Line:
    """A token that this process is logged in to for as long as the anchor is open."""

    def __init__(self, anchor: Session) -> None:
        self.anchor = anchor
        self.idle: list[Session] = []

    def session(self) -> Session:
        """A session that nobody uses; raises PKCS11Error."""
        if self.idle:
            return self.idle.pop()
        with self.anchor.beginning:
            return Session(self.anchor.raw.token.open(), self.anchor.beginning)

    def close(self) -> None:
        """Close what nobody uses, then log out; sessions in use are closed when they come back."""
        while self.idle:
            self.idle.pop().close()
        self.anchor.close()


def connect(access: TokenAccess) -> Line:
    """Log in, with one more try when the token cannot be reached; raises WrongPinError, TokenMissingError, PKCS11Error."""
    module = open_module(access.module)
    beginning = module.beginning
    try:
        return _logged_in(module, beginning, access)
    except PKCS11Error as error:
        refused = refusal(error)
        if isinstance(refused, WrongPinError):
            raise _with_what_is_left(refused, module, beginning, access) from error
        if refused is not None and not isinstance(refused, TokenMissingError):
            raise
    module.begin_again(beginning)
    return _logged_in(module, module.beginning, access)


def _logged_in(module: Module, beginning: Beginning, access: TokenAccess) -> Line:
    with beginning:
        token = module.get_token(token_label=access.token)
        try:
            return Line(Session(token.open(user_pin=access.pin), beginning))
        except UserAlreadyLoggedIn:  # another part of this process is, and that counts for all of it
            return Line(Session(token.open(), beginning))


def _with_what_is_left(
    refused: WrongPinError, module: Module, beginning: Beginning, access: TokenAccess
) -> WrongPinError:
    """Add how many tries are left, where the token tells."""
    with suppress(PKCS11Error), beginning:
        flags = module.get_token(token_label=access.token).flags
        for flag, kind, words in _LEFT:
            if flags & flag:
                return kind(f"{refused}; {words}")
    return refused
