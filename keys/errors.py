"""Every way in which this package says no.

    KeysError
    ├── VerificationError            it does not verify
    │   └── FormatError              it cannot even be read
    ├── UncheckableError             it could not be checked
    │   └── SuiteUnavailableError    this machine lacks the library for the suite
    ├── KeyStoreError                the key store refuses
    │   ├── WrongPassphraseError
    │   ├── KeyStoreDamagedError     its files are not as it wrote them
    │   ├── KeyStoreExposedError     others may read them
    │   ├── KeyStoreFullError        no room is left on its disk
    │   ├── KeyMissingError
    │   │   └── KeyStoreMissingError there is no store at all
    │   ├── KeyExistsError
    │   ├── KeyNotExportableError    the key is in hardware and stays there
    │   └── TokenError               a token (PKCS#11) refuses
    │       ├── TokenMissingError    it is not there, or its module is not
    │       ├── WrongPinError
    │       │   └── PinLockedError
    │       ├── TokenSuiteError      it cannot compute the suite
    │       ├── TokenBusyError       all sessions are in use
    │       └── TokenGoneError       it stopped answering
    └── DecryptionError              ciphertext, key and associated data do not belong together

No exception of a library ever leaves the package. Messages name files, algorithms and members of formats; never the
values of a person. Sub-indications are the names of ETSI EN 319 102-1 (clause 5.1.3).
"""

from enum import StrEnum
from typing import ClassVar


class SubIndication(StrEnum):
    """Why a signature is not (yet) accepted, in the words of ETSI EN 319 102-1."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    GENERIC = "GENERIC"


class KeysError(Exception):
    """The root of the tree; `code` is stable and may be shown to a caller."""

    code: ClassVar[str] = "KEYS_ERROR"


class VerificationError(KeysError):
    """It was checked, and it does not verify."""

    code = "NOT_VERIFIED"

    def __init__(self, message: str, sub_indication: str = SubIndication.SIG_CRYPTO_FAILURE) -> None:
        super().__init__(message)
        self.sub_indication = SubIndication(sub_indication)


class FormatError(VerificationError):
    """The input is malformed; nothing in it may be believed."""

    code = "MALFORMED"

    def __init__(self, message: str) -> None:
        super().__init__(message, SubIndication.FORMAT_FAILURE)


class UncheckableError(KeysError):
    """It could not be checked: that is neither a yes nor a no."""

    code = "NOT_CHECKABLE"


class SuiteUnavailableError(UncheckableError):
    """The suite is known, but this machine lacks the library that computes it."""

    code = "SUITE_UNAVAILABLE"


class KeyStoreError(KeysError):
    """The key store refuses; the message names the file and what to do."""

    code = "KEY_STORE"


class WrongPassphraseError(KeyStoreError):
    """The passphrase does not open the store or the key."""

    code = "WRONG_PASSPHRASE"


class KeyStoreDamagedError(KeyStoreError):
    """A file of the key store is damaged or was moved: restore it from a backup of the key store."""

    code = "KEY_STORE_DAMAGED"


class KeyStoreExposedError(KeyStoreError):
    """Others than the owner may read the key store: the message names what to close."""

    code = "KEY_STORE_EXPOSED"


class KeyStoreFullError(KeyStoreError):
    """There is no room left on the disk of the key store; nothing was kept. Make room, then do the same again."""

    code = "KEY_STORE_FULL"


class KeyMissingError(KeyStoreError):
    """No key of that name and kind is stored."""

    code = "KEY_MISSING"


class KeyStoreMissingError(KeyMissingError):
    """There is no key store in the folder."""

    code = "KEY_STORE_MISSING"


class KeyExistsError(KeyStoreError):
    """A key is never overwritten: the name is taken."""

    code = "KEY_EXISTS"


class KeyNotExportableError(KeyStoreError):
    """The private key was made in hardware and never leaves it: make a new key instead of moving this one."""

    code = "KEY_NOT_EXPORTABLE"


class TokenError(KeyStoreError):
    """A token of PKCS#11 refuses; the message names the token and what to do, never a PIN."""

    code = "TOKEN_REFUSED"


class TokenMissingError(TokenError):
    """There is no such token, or the module that leads to it cannot be loaded."""

    code = "TOKEN_MISSING"


class WrongPinError(TokenError):
    """The PIN does not open the token; it is not tried again, since tokens count."""

    code = "WRONG_PIN"


class PinLockedError(WrongPinError):
    """The token has had too many wrong PINs: its security officer must set a new one."""

    code = "PIN_LOCKED"


class TokenSuiteError(TokenError):
    """The token has no mechanism for the suite, or the key is of none."""

    code = "TOKEN_LACKS_SUITE"


class TokenBusyError(TokenError):
    """Every session with the token was in use for too long: try again."""

    code = "TOKEN_BUSY"


class TokenGoneError(TokenError):
    """The token stopped answering, twice: it was removed, or it is broken. Put it back and try again."""

    code = "TOKEN_GONE"


class DecryptionError(KeysError):
    """Ciphertext, key and associated data do not belong together."""

    code = "NOT_DECRYPTED"
