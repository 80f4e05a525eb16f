"""Pictures of a face as they are printed: taken apart and written anew, so that nothing but what is seen goes into the file.

Decides that a picture which cannot be read, or is larger than any photograph, is said to be unreadable; it must never be decoded before its size is known.
"""

import base64
import binascii
from io import BytesIO
from typing import TYPE_CHECKING, Final

from hub.catalogue.face_kinds import MEDIA_TYPES

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_MOST_PIXELS: Final = 25_000_000
_SIDE: Final = 1_200
_QUALITY: Final = 92
SUFFIX: Final = ".svg"
_WRAPPED: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    '<image width="{width}" height="{height}" href="data:image/{kind};base64,{data}"/></svg>'
)


def printable(text: str) -> bytes | None:
    """Return a picture, given in base64 as faces hold it, as an SVG that holds its pixels and nothing else; None if there is none to be seen."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - not before a picture is printed

    try:
        data = base64.b64decode(text, validate=True)
        if not data.startswith(tuple(MEDIA_TYPES.values())):
            return None
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            return _written(image)
    except (binascii.Error, ValueError, OSError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return None


def _written(image: "Picture") -> bytes | None:
    from PIL import Image  # noqa: PLC0415 - as above

    if image.width * image.height > _MOST_PIXELS:
        return None
    seen = image.convert("RGBA")
    seen.thumbnail((_SIDE, _SIDE))
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen)
    out = BytesIO()
    ground.save(out, "JPEG", quality=_QUALITY)
    return wrapped(out.getvalue(), "jpeg", *ground.size)


def wrapped(picture: bytes, kind: str, width: int, height: int) -> bytes:
    """Return a picture in an SVG: the typesetter is given text only."""
    data = base64.b64encode(picture).decode()
    return _WRAPPED.format(width=width, height=height, kind=kind, data=data).encode()
