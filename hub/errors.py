"""Every way in which the hub says no, one class each, with a stable code.

Nothing here knows HTTP or GraphQL: `schema` and `hub.endpoints` map codes to their own forms. A message says what is
wrong and what to do next; it never repeats a value that a caller sent, because values are personal data.

HubError
├── InputError                      the request itself is wrong; mend it and send it again
│   ├── InputInvalidError           INPUT_INVALID
│   ├── CodeError                   CODE_INVALID             a check character, date or alphabet is wrong
│   ├── IdentifierError             IDENTIFIER_INVALID       not a GB/T 36904 identifier
│   ├── FaceDataError               FACE_DATA_INVALID        with a list of violations in two languages
│   ├── LicenceTypeError            LICENCE_TYPE_INVALID     a catalogue file breaks the rules
│   ├── ImportFileError             IMPORT_FILE_INVALID      a file that cannot be read as a table
│   ├── ImportMapError              IMPORT_MAP_INVALID       columns do not fit the licence type
│   ├── TypeUnknownError            TYPE_UNKNOWN
│   ├── TypeCodeMissingError        TYPE_CODE_MISSING        the deployment has not set the 21-character code
│   ├── AuthorityUnknownError       AUTHORITY_UNKNOWN
│   ├── ItemUnknownError            ITEM_UNKNOWN
│   ├── ClientUnknownError          CLIENT_UNKNOWN
│   ├── DocumentUnknownError        DOCUMENT_UNKNOWN
│   ├── DocumentRetiredError        DOCUMENT_RETIRED
│   ├── DocumentsRefusedError       DOCUMENTS_REFUSED        with every reason; nothing of a manifest is kept
│   ├── StatusListUnknownError      STATUS_LIST_UNKNOWN
│   └── JobUnknownError             JOB_UNKNOWN
├── AccessError                     who is calling, or how, is not acceptable
│   ├── TokenInvalidError           TOKEN_INVALID
│   ├── TokenExpiredError           TOKEN_EXPIRED
│   ├── ClientAuthenticationError   CLIENT_AUTHENTICATION_FAILED
│   ├── AssertionReplayedError      ASSERTION_REPLAYED
│   ├── ScopeMissingError           SCOPE_MISSING
│   └── AuthorityMismatchError      AUTHORITY_MISMATCH       the act belongs to another authority
├── SharingError                    what may leave the hub
│   ├── NotGrantedError             NOT_GRANTED
│   ├── PurposeNotDeclaredError     PURPOSE_NOT_DECLARED     the trusted document serves other service items
│   ├── CaseMismatchError           CASE_MISMATCH            the case belongs to another applicant for ever
│   └── NotFoundError               NOT_FOUND                also for licences of people outside the case
├── StateError                      true requests that the present state forbids
│   ├── StatusForbidsError          STATUS_FORBIDS
│   ├── VersionConflictError        VERSION_CONFLICT         somebody else changed it meanwhile
│   ├── LicenceExistsError          LICENCE_EXISTS           one live licence per uniqueness scope
│   ├── AlreadyExistsError          ALREADY_EXISTS
│   ├── DocumentLimitError          DOCUMENT_LIMIT           a client keeps so many trusted documents and no more
│   ├── IdempotencyMismatchError    IDEMPOTENCY_MISMATCH     the key was used for another request
│   ├── SealMissingError            SEAL_MISSING
│   ├── SealUnusableError           SEAL_UNUSABLE
│   ├── JobBusyError                JOB_BUSY                 another worker runs the job
│   └── JobCancelledError           JOB_CANCELLED            somebody ended the job
├── DamagedError                    STORED_DATA_DAMAGED      stored bytes do not verify
├── UnavailableError                DATABASE_UNAVAILABLE     nothing was kept; try again
│   ├── DatabaseFullError           DATABASE_FULL            there is no room left on the disk under it
│   ├── RecordUnavailableError      RECORD_UNAVAILABLE       the access record could not be made durable
│   ├── SealKeyUnavailableError     SEAL_KEY_UNAVAILABLE     the key store or the token does not give the seal's key
│   └── TimestampUnavailableError   TIMESTAMP_UNAVAILABLE    the timestamp authority gave no whole reply in time
├── PolicyChangedError              POLICY_CHANGED           grants, clients, seals or catalogue changed meanwhile
├── LimitError and others           in hub.excess            more than one request, or one caller, may ask for
└── SettingsError                   SETTINGS_INVALID
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of face data: RFC 6901 pointer, field title and reason in both languages, never the value."""

    pointer: str
    field_zh: str
    field_en: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a document was not registered: its identifier, a code, and the line and column where they are known."""

    document: str
    code: str
    message: str
    line: int | None = None
    column: int | None = None


class HubError(Exception):
    """The hub refused or failed."""

    code = "HUB_ERROR"

    def __init__(self, message: str = "") -> None:
        self.message = message or (self.__doc__ or "").strip()
        super().__init__(self.message)

    @property
    def extensions(self) -> dict[str, Any]:
        """What a program is told of it."""
        return {"code": self.code}


class InputError(HubError):
    """The request is not acceptable as it stands; mend it and send it again."""

    code = "INPUT_INVALID"


class InputInvalidError(InputError):
    """An argument has the wrong shape."""


class CodeError(InputError):
    """A code breaks its own rule (length, alphabet, date or check character)."""

    code = "CODE_INVALID"


class IdentifierError(InputError):
    """This is not a licence identifier of GB/T 36904; compare it with the licence, character by character."""

    code = "IDENTIFIER_INVALID"


class FaceDataError(InputError):
    """The data breaks the licence type's schema; see the violations."""

    code = "FACE_DATA_INVALID"

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__()


class LicenceTypeError(InputError):
    """A licence type's definition breaks the catalogue's rules."""

    code = "LICENCE_TYPE_INVALID"


class ImportFileError(InputError):
    """The file cannot be read as a table of rows; the message says where and why."""

    code = "IMPORT_FILE_INVALID"


class ImportMapError(InputError):
    """The map does not say, for every column, which field of the licence type it fills."""

    code = "IMPORT_MAP_INVALID"


class TypeUnknownError(InputError):
    """No published licence type has this key; the query `licenceTypes` lists them."""

    code = "TYPE_UNKNOWN"


class TypeCodeMissingError(InputError):
    """This deployment has not set the type's 21-character code; set it with `licence-hub type code`."""

    code = "TYPE_CODE_MISSING"


class AuthorityUnknownError(InputError):
    """No authority has this credit code; add it with `licence-hub authority add`."""

    code = "AUTHORITY_UNKNOWN"


class ItemUnknownError(InputError):
    """No service item has this code; the query `serviceItems` lists them."""

    code = "ITEM_UNKNOWN"


class ClientUnknownError(InputError):
    """No client has this id; `licence-hub client list` shows them."""

    code = "CLIENT_UNKNOWN"


class DocumentUnknownError(InputError):
    """The client has registered no document of this identifier; register it with the build, byte for byte as it is sent."""

    code = "DOCUMENT_UNKNOWN"


class DocumentRetiredError(InputError):
    """This trusted document was retired; use the client system's newer build."""

    code = "DOCUMENT_RETIRED"


class DocumentsRefusedError(InputError):
    """Nothing was registered, for not every document of the manifest is good; mend all that the reasons name."""

    code = "DOCUMENTS_REFUSED"

    def __init__(self, reasons: Sequence[Reason] = ()) -> None:
        self.reasons = tuple(reasons)
        super().__init__()


class StatusListUnknownError(InputError):
    """There is no such status list, or there was none at that time."""

    code = "STATUS_LIST_UNKNOWN"


class JobUnknownError(InputError):
    """No job has this id."""

    code = "JOB_UNKNOWN"


class AccessError(HubError):
    """The caller is not acceptable."""

    code = "ACCESS_DENIED"


class TokenInvalidError(AccessError):
    """The access token is missing, malformed or not ours; fetch one at the token endpoint."""

    code = "TOKEN_INVALID"


class TokenExpiredError(AccessError):
    """The access token has expired; fetch a new one at the token endpoint."""

    code = "TOKEN_EXPIRED"


class ClientAuthenticationError(AccessError):
    """The client assertion does not authenticate a known, active client."""

    code = "CLIENT_AUTHENTICATION_FAILED"


class AssertionReplayedError(ClientAuthenticationError):
    """This client assertion was used before; make a new one with a fresh jti for every use."""

    code = "ASSERTION_REPLAYED"


class ScopeMissingError(AccessError):
    """The access token lacks the scope that this operation needs."""

    code = "SCOPE_MISSING"


class AuthorityMismatchError(AccessError):
    """This act belongs to another authority."""

    code = "AUTHORITY_MISMATCH"


class SharingError(HubError):
    """The data may not leave the hub."""

    code = "SHARING_REFUSED"


class NotGrantedError(SharingError):
    """No grant in force lets this authority read this for this service item."""

    code = "NOT_GRANTED"


class PurposeNotDeclaredError(SharingError):
    """The trusted document that runs was registered for other service items; register it for this one too."""

    code = "PURPOSE_NOT_DECLARED"


class CaseMismatchError(SharingError):
    """This case number was opened for another applicant; a case keeps its applicant for ever."""

    code = "CASE_MISMATCH"


class NotFoundError(SharingError):
    """There is no such licence of the applicant or of a declared party."""

    code = "NOT_FOUND"


class StateError(HubError):
    """The present state forbids it."""

    code = "STATE_FORBIDS"


class StatusForbidsError(StateError):
    """The licence's status does not allow this operation."""

    code = "STATUS_FORBIDS"


class VersionConflictError(StateError):
    """The licence was changed by somebody else meanwhile; read it again and decide anew."""

    code = "VERSION_CONFLICT"


class LicenceExistsError(StateError):
    """A live licence already exists in this type's uniqueness scope for an overlapping period."""

    code = "LICENCE_EXISTS"


class AlreadyExistsError(StateError):
    """It exists already."""

    code = "ALREADY_EXISTS"


class DocumentLimitError(StateError):
    """The client would keep more trusted documents than it may; retire those that no build uses any more."""

    code = "DOCUMENT_LIMIT"


class IdempotencyMismatchError(StateError):
    """This idempotency key was used for a different request; use a fresh key for each intent."""

    code = "IDEMPOTENCY_MISMATCH"


class SealMissingError(StateError):
    """The authority has no active seal; somebody applies for one with `licence-hub seal apply`."""

    code = "SEAL_MISSING"


class SealUnusableError(StateError):
    """The seal is not filed yet, suspended, revoked, expired or not the authority's own: it seals nothing; `licence-hub seal list` shows which does."""

    code = "SEAL_UNUSABLE"


class JobBusyError(StateError):
    """Another worker runs this job; it can be taken over once that worker has been silent for 30 seconds."""

    code = "JOB_BUSY"


class JobCancelledError(StateError):
    """The job was cancelled; what its finished steps did stands. Starting the same again goes on from there."""

    code = "JOB_CANCELLED"


class DamagedError(HubError):
    """Stored bytes do not verify; nothing is disclosed. Restore the record from a backup and tell the auditor."""

    code = "STORED_DATA_DAMAGED"


class UnavailableError(HubError):
    """The database did not answer; nothing was kept. Try again, with the same idempotency key."""

    code = "DATABASE_UNAVAILABLE"


class DatabaseFullError(UnavailableError):
    """The disk under the database is full; nothing was kept. Once there is room again, do the same again."""

    code = "DATABASE_FULL"


class RecordUnavailableError(UnavailableError):
    """The access record could not be made durable, so the answer was withheld. Try again."""

    code = "RECORD_UNAVAILABLE"


class SealKeyUnavailableError(UnavailableError):
    """The seal's key cannot be used now, so nothing was sealed and nothing kept. Try again; the hub's log says why."""

    code = "SEAL_KEY_UNAVAILABLE"


class TimestampUnavailableError(UnavailableError):
    """The timestamp authority gave no whole reply in time, so nothing was kept. Try again; the hub's log says why."""

    code = "TIMESTAMP_UNAVAILABLE"


class PolicyChangedError(HubError):
    """A grant, client, seal or the catalogue changed while the answer was made; the answer was discarded."""

    code = "POLICY_CHANGED"


class SettingsError(HubError):
    """A setting is missing or unsafe."""

    code = "SETTINGS_INVALID"
