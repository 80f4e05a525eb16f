"""How renditions say no: one class each, with a stable code.

HubError
├── InputError
│   ├── DeadlineInvalidError        RENDITION_DEADLINE       over already, or too far away
│   ├── LinkUnknownError            DOWNLOAD_UNKNOWN         no link of this hub
│   └── RenditionUnknownError       RENDITION_UNKNOWN
├── StateError
│   ├── OriginalForbiddenError      RENDITION_NOT_VALID      originals are of valid licences only
│   ├── FaceErasedError             RENDITION_ERASED         there is nothing left to print
│   ├── LinkUsedError               DOWNLOAD_USED            a link is for once
│   └── LinkExpiredError            DOWNLOAD_EXPIRED
├── FaceUnprintableError            RENDITION_UNPRINTABLE    the typesetter refuses the face
├── FontsMissingError               RENDITION_FONTS_MISSING
└── UnavailableError                in hub.errors
    └── RenderingBusyError          RENDERING_BUSY           too many wait for the typesetter
"""

from hub.errors import HubError, InputError, StateError, UnavailableError


class DeadlineInvalidError(InputError):
    """The deadline of an annotated copy is today or later, and not further away than the hub allows (HUB_COPY_DAYS)."""

    code = "RENDITION_DEADLINE"


class LinkUnknownError(InputError):
    """There is no such download: the link was copied in part, or it is long over. Make another rendition."""

    code = "DOWNLOAD_UNKNOWN"


class RenditionUnknownError(InputError):
    """No rendition of this hub has this id; it stands in the file's last line and in its metadata, 32 hex digits."""

    code = "RENDITION_UNKNOWN"


class OriginalForbiddenError(StateError):
    """An original is made of a valid licence only; in a case, an annotated copy says what the status is."""

    code = "RENDITION_NOT_VALID"


class FaceErasedError(StateError):
    """The data of this licence was erased, so there is nothing to print; its seal and records stay."""

    code = "RENDITION_ERASED"


class LinkUsedError(StateError):
    """This link has been used: a download works once. If it was not you who used it, tell the hub's auditor; else make another rendition."""

    code = "DOWNLOAD_USED"


class LinkExpiredError(StateError):
    """This link is over; make another rendition and download it at once."""

    code = "DOWNLOAD_EXPIRED"


class FaceUnprintableError(HubError):
    """The typesetter refuses this face, so nothing was made. Tell the hub's administrator, who finds why in the hub's log."""

    code = "RENDITION_UNPRINTABLE"


class FontsMissingError(HubError):
    """The fonts are not installed; install the hub's requirements as they are locked."""

    code = "RENDITION_FONTS_MISSING"


class RenderingBusyError(UnavailableError):
    """Too many renditions are waited for already, so this one was not made; ask again in some seconds."""

    code = "RENDERING_BUSY"
