"""How the audit says no: one class each, with a stable code.

HubError
├── InputError
│   ├── RecordUnknownError          RECORD_UNKNOWN
│   ├── LogSizeUnknownError         LOG_SIZE_UNKNOWN         the log was never that large
│   ├── LogTileUnknownError         LOG_TILE_UNKNOWN         not a tile, or not yet
│   └── CosignatureError            COSIGNATURE_INVALID      not a known witness's, or of another log
├── StateError
│   ├── LogNotBegunError            LOG_NOT_BEGUN            no process of the hub has started since the log came
│   └── NotIntegratedError          LOG_NOT_INTEGRATED       durable, and in the log in two seconds
├── UnavailableError
│   ├── CheckpointFileError         CHECKPOINT_FILE          the file outside the database
│   ├── WitnessError                WITNESS_UNUSABLE         a witness's own folder
│   └── LogUnreachableError         LOG_UNREACHABLE          a witness does not reach the log
└── DamagedError
    └── LogBrokenError              LOG_BROKEN               the log is not what was signed
        ├── LogBehindError          LOG_BEHIND               an older copy of the database
        └── LogForkedError          LOG_FORKED               another database, or one that was changed
"""

from hub.errors import DamagedError, InputError, StateError, UnavailableError


class RecordUnknownError(InputError):
    """There is no record of this id; a receipt names its record in `jti`."""

    code = "RECORD_UNKNOWN"


class LogSizeUnknownError(InputError):
    """The log has no tree of this size, or the first size is the larger one; take sizes from its checkpoints."""

    code = "LOG_SIZE_UNKNOWN"


class LogNotBegunError(StateError):
    """There is no log yet: it begins when the hub is started, and takes in what is on record; `licence-hub serve`."""

    code = "LOG_NOT_BEGUN"


class LogTileUnknownError(InputError):
    """There is no such tile, or the log is not as large yet; take its path from a checkpoint's size."""

    code = "LOG_TILE_UNKNOWN"


class CosignatureError(InputError):
    """This is not a checkpoint of this log that a witness of HUB_LOG_WITNESSES has countersigned."""

    code = "COSIGNATURE_INVALID"


class NotIntegratedError(StateError):
    """The record is durable but not in the log yet; it is within two seconds. Ask again then."""

    code = "LOG_NOT_INTEGRATED"


class CheckpointFileError(UnavailableError):
    """The file that keeps the newest checkpoint outside the database cannot be read or written; the message says why."""

    code = "CHECKPOINT_FILE"


class WitnessError(UnavailableError):
    """The folder of the witness, with his key and what he has seen, cannot be used; restore it, or name another one."""

    code = "WITNESS_UNUSABLE"


class LogUnreachableError(UnavailableError):
    """The log does not answer, or not as a log does. Look at the address, and try again."""

    code = "LOG_UNREACHABLE"


class LogBrokenError(DamagedError):
    """The transparency log in the database is not what was signed; `licence-hub audit verify` says where. Tell the auditor."""

    code = "LOG_BROKEN"


class LogBehindError(LogBrokenError):
    """The database is an older copy: its log is shorter than the checkpoint that was seen. Restore the newer one."""

    code = "LOG_BEHIND"


class LogForkedError(LogBrokenError):
    """The log in the database does not continue the checkpoint that was seen. Restore the right database."""

    code = "LOG_FORKED"
