"""How the seal office says no: one class each, with a stable code.

HubError
├── InputError
│   ├── SealApplicationUnknownError SEAL_APPLICATION_UNKNOWN
│   ├── FileEmptyError              FILE_EMPTY               there is nothing to be sealed
│   ├── SealValueInvalidError       SEAL_VALUE_INVALID       not the key's signature of what was prepared
│   ├── PreparedInvalidError        PREPARED_INVALID         of another document, seal or time
│   ├── SealListUnknownError        SEAL_LIST_UNKNOWN        no root of that suite, so no revocation list
│   ├── SealCertificateError        SEAL_CERTIFICATE         an outside authority's certificate does not fit
│   ├── SealKeyUsedError            SEAL_KEY_USED            a seal has, or had, this key
│   └── SealKeyPlaceError           SEAL_KEY_PLACE           no key can be made in that place
├── TimestampInvalidError           TIMESTAMP_INVALID        the authority's answer proves nothing
├── UnavailableError
│   └── SealKeyUnavailableError     in hub.errors
│       └── SealKeyStoreFullError   SEAL_KEY_STORE_FULL      no room is left on the key store's disk
└── StateError
    ├── SealUnusableError           in hub.errors
    │   └── SealSuspendedError      SEAL_SUSPENDED           it will seal again, once it is resumed
    ├── SealFourEyesError           SEAL_FOUR_EYES           the same person took an earlier step
    ├── SealReportedError           SEAL_REPORTED            its key was reported stolen, and nobody has answered
    ├── SealExistsError             SEAL_EXISTS              one of a kind and name for an owner
    └── SealCustodyError            SEAL_CUSTODY             the owner keeps the key himself
"""

from hub.errors import HubError, InputError, SealKeyUnavailableError, SealUnusableError, StateError


class SealApplicationUnknownError(InputError):
    """No application for a seal has this id; `licence-hub seal applications` lists them."""

    code = "SEAL_APPLICATION_UNKNOWN"


class FileEmptyError(InputError):
    """This is the digest of an empty document: there is nothing to be sealed. Look whether the file was read at all."""

    code = "FILE_EMPTY"


class SealValueInvalidError(InputError):
    """This is not the signature (DER) of what was prepared, by this seal's key; sign exactly the bytes that `prepare` gave."""

    code = "SEAL_VALUE_INVALID"


class PreparedInvalidError(InputError):
    """What was prepared is of another document, seal or time; prepare this document again, and sign that."""

    code = "PREPARED_INVALID"


class SealListUnknownError(InputError):
    """There is no such revocation list: the hub has no root of that suite. Take the address from the certificate, as it is."""

    code = "SEAL_LIST_UNKNOWN"


class SealCertificateError(InputError):
    """The certificate of the outside authority is not for this seal's key and name, or not under a root that the hub believes."""

    code = "SEAL_CERTIFICATE"


class SealKeyPlaceError(InputError):
    """The hub has no such place for keys, or keys of this suite cannot be made there; `licence-hub keys token` tells what a token can."""

    code = "SEAL_KEY_PLACE"


class SealKeyUsedError(InputError):
    """A seal has this key already, or had it; every seal has a key of its own: make a new pair."""

    code = "SEAL_KEY_USED"


class TimestampInvalidError(HubError):
    """The timestamp authority's answer proves nothing, so nothing was kept. Tell the administrator; the hub's log says why."""

    code = "TIMESTAMP_INVALID"


class SealSuspendedError(SealUnusableError):
    """The seal is suspended; it seals nothing until an approver resumes it: `licence-hub seal resume`."""

    code = "SEAL_SUSPENDED"


class SealFourEyesError(StateError):
    """Whoever applied, approved or reported it may not take this step too; another person must."""

    code = "SEAL_FOUR_EYES"


class SealReportedError(StateError):
    """The seal's key was reported as stolen or lost: another person confirms that, or an approver resumes the seal, before anything else."""

    code = "SEAL_REPORTED"


class SealExistsError(StateError):
    """The owner has a seal of this kind and name, or somebody has applied for it; revoke or remake it, or number the text (2)."""

    code = "SEAL_EXISTS"


class SealCustodyError(StateError):
    """The owner keeps this seal's key himself; it signs nothing here: prepare, sign elsewhere, complete."""

    code = "SEAL_CUSTODY"


class SealKeyStoreFullError(SealKeyUnavailableError):
    """The disk of the key store is full, so no key was made and nothing kept. Once there is room again, do the same again."""

    code = "SEAL_KEY_STORE_FULL"
