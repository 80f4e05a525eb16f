"""How the audit says no: one class each, with a stable code.

HubError
├── InputError
│   ├── RecordUnknownError          RECORD_UNKNOWN
│   └── LogSizeUnknownError         LOG_SIZE_UNKNOWN         the log was never that large
├── UnavailableError
│   └── NotIntegratedError          LOG_NOT_INTEGRATED       durable, and in the log in two seconds
└── DamagedError
    └── LogBrokenError              LOG_BROKEN               the log is not what was signed
"""

from hub.errors import DamagedError, InputError, UnavailableError


class RecordUnknownError(InputError):
    """There is no record of this id; a receipt names its record in `jti`."""

    code = "RECORD_UNKNOWN"


class LogSizeUnknownError(InputError):
    """The log has no tree of this size, or the first size is the larger one; take sizes from its checkpoints."""

    code = "LOG_SIZE_UNKNOWN"


class NotIntegratedError(UnavailableError):
    """The record is durable but not in the log yet; it is within two seconds. Ask again then."""

    code = "LOG_NOT_INTEGRATED"
    wait = 2


class LogBrokenError(DamagedError):
    """The transparency log in the database is not what was signed; `licence-hub audit verify` says where. Tell the auditor."""

    code = "LOG_BROKEN"
