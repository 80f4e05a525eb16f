"""How imports say no: one class each, with a stable code; those of files, maps and jobs are in `hub.errors`.

HubError
├── InputError
│   └── UploadError                 UPLOAD_INVALID           an upload that is not there, or not this authority's
├── StateError
│   ├── AlreadyImportedError        ALREADY_IMPORTED         the same file, type and map were imported before
│   └── RejectsGoneError            REJECTS_GONE             the time for which rejects are kept is over
└── ImportWorkerLostError           IMPORT_WORKER_LOST       a process that seals for an import died twice over one chunk
"""

from hub.errors import HubError, InputError, StateError


class UploadError(InputError):
    """There is no such upload of this authority, or its day is over; send the file again."""

    code = "UPLOAD_INVALID"


class AlreadyImportedError(StateError):
    """This file was imported before, as this type and by this map."""

    code = "ALREADY_IMPORTED"


class RejectsGoneError(StateError):
    """The rejects are gone: the time for which they are kept is over. Import the file again to see what is wrong with it."""

    code = "REJECTS_GONE"


class ImportWorkerLostError(HubError):
    """A process that sealed for the import ended again and again over the same rows; what was stored before them stands."""

    code = "IMPORT_WORKER_LOST"
