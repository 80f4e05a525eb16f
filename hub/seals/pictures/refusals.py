"""How pictures and texts of seals say no: one class each, with a stable code. Never a name, only places in it.

HubError
├── InputError
│   ├── PictureError                PICTURE_INVALID          an uploaded picture, for one of these reasons:
│   │   ├── PictureFormatError      PICTURE_NOT_PNG          other bytes than a PNG's, whatever the file is called
│   │   ├── PictureTooLargeError    PICTURE_TOO_LARGE        more bytes than a picture may have
│   │   ├── PictureDamagedError     PICTURE_DAMAGED          cut off, a wrong checksum, parts out of order
│   │   ├── PictureTrailingError    PICTURE_TRAILING_DATA    something is hidden behind its end
│   │   ├── PictureAnimatedError    PICTURE_ANIMATED
│   │   ├── PictureDimensionsError  PICTURE_DIMENSIONS       too many or too few pixels
│   │   ├── PictureColourError      PICTURE_COLOUR           grey, or 16 bits a channel
│   │   ├── PictureInflatesError    PICTURE_INFLATES         unpacks to more than its dimensions say
│   │   ├── PictureOpaqueError      PICTURE_OPAQUE           no transparent ground
│   │   ├── PictureEmptyError       PICTURE_EMPTY            nothing is to be seen on it
│   │   └── PictureSizeError        PICTURE_SIZE_MISMATCH    its pixels do not fit the millimetres
│   ├── InputInvalidError           in hub.errors
│   │   └── SpecificationError      INPUT_INVALID            a seal that cannot be drawn so; with the part that does not fit
│   ├── LettersMissingError         SEAL_LETTERS_MISSING     the font lacks characters; with their places
│   ├── NameMismatchError           SEAL_NAME_MISMATCH       the text is not the owner's
│   └── PurposeUnknownError         SEAL_PURPOSE_UNKNOWN     a special-purpose seal for no purpose of the list
└── SettingsError
    └── FontMissingError            SEAL_FONT_MISSING        seals cannot be drawn here; uploads work
"""

from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import override

from hub.errors import InputError, InputInvalidError, SettingsError


class PictureError(InputError):
    """This picture cannot be a seal's; hand in another, or have one drawn."""

    code = "PICTURE_INVALID"


class PictureFormatError(PictureError):
    """The file is not a PNG picture, whatever its name says; save the picture as PNG, with a transparent ground."""

    code = "PICTURE_NOT_PNG"


class PictureTooLargeError(PictureError):
    """The picture has more bytes than a seal's may have; save it with fewer pixels."""

    code = "PICTURE_TOO_LARGE"


class PictureDamagedError(PictureError):
    """The picture is damaged: a part is cut off, out of order or does not match its checksum; save it again."""

    code = "PICTURE_DAMAGED"


class PictureTrailingError(PictureError):
    """The file goes on after the end of the picture; save it again from a picture editor."""

    code = "PICTURE_TRAILING_DATA"


class PictureAnimatedError(PictureError):
    """The picture moves; a seal's picture is a single one."""

    code = "PICTURE_ANIMATED"


class PictureDimensionsError(PictureError):
    """The picture has too many or too few pixels."""

    code = "PICTURE_DIMENSIONS"


class PictureColourError(PictureError):
    """The picture is neither 8-bit RGBA nor a palette of colours; save it as one of them, with a transparent ground."""

    code = "PICTURE_COLOUR"


class PictureInflatesError(PictureError):
    """The picture unpacks to more data than its width and height say; save it again from a picture editor."""

    code = "PICTURE_INFLATES"


class PictureOpaqueError(PictureError):
    """The picture's ground is not transparent, so it would cover what it seals; remove the ground and save it again."""

    code = "PICTURE_OPAQUE"


class PictureEmptyError(PictureError):
    """Hardly anything is to be seen on the picture; hand in one that shows the seal."""

    code = "PICTURE_EMPTY"


class PictureSizeError(PictureError):
    """The picture's pixels do not fit the seal's size in millimetres."""

    code = "PICTURE_SIZE_MISMATCH"


class SpecificationError(InputInvalidError):
    """A seal cannot be drawn so. `part` says what of it does not fit: size, name, purpose, number or colour."""

    def __init__(self, part: str = "", message: str = "") -> None:
        self.part = part
        super().__init__(message)


class LettersMissingError(InputError):
    """The font cannot write all characters of the seal; hand in a picture (PNG) instead of having one drawn.

    `places` says which: the part of the specification, and positions in it from 1 on, without spaces.
    """

    code = "SEAL_LETTERS_MISSING"

    def __init__(self, places: Mapping[str, Sequence[int]] | None = None) -> None:
        self.places = {part: tuple(positions) for part, positions in (places or {}).items()}
        where = "; ".join(f"{part} {', '.join(map(str, positions))}" for part, positions in self.places.items())
        super().__init__(
            f"The font cannot write these characters of the seal (counted from 1, without spaces): {where}. "
            "Compare them with the register, or hand in a picture (PNG) instead of having one drawn."
        )

    @property
    @override
    def extensions(self) -> dict[str, Any]:
        return {**super().extensions, "places": {part: list(positions) for part, positions in self.places.items()}}


class NameMismatchError(InputError):
    """The text of the seal is not that of its owner; compare it with the register, character by character."""

    code = "SEAL_NAME_MISMATCH"


class PurposeUnknownError(InputError):
    """After its owner's name, a special-purpose seal names one purpose of the list, such as 合同专用章."""

    code = "SEAL_PURPOSE_UNKNOWN"


class FontMissingError(SettingsError):
    """The font for drawing seals is not installed here; install the hub's locked requirements again, or hand in pictures."""

    code = "SEAL_FONT_MISSING"
