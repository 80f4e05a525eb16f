"""Uploaded pictures of seals: what is taken, and the clean picture that is kept in its place.

Decides bounds and visibility. Nothing of an upload is kept as it came: its pixels are written again, without metadata. SVG is not
taken, for it can carry scripts, fonts and references; the one that the hub draws is compared in `drawing`.
"""

from io import BytesIO
from typing import Final

from PIL import Image

from hub.seals.pictures.pixels import FEWEST_DOTS, MOST_DOTS, clean_png, resolution
from hub.seals.pictures.png_parts import plain_parts
from hub.seals.pictures.refusals import (
    PictureDamagedError,
    PictureEmptyError,
    PictureOpaqueError,
    PictureSizeError,
    PictureTooLargeError,
)

MOST_BYTES: Final = 512 * 1024
SMALLEST, LARGEST = 10, 60  # millimetres; the largest is the seal of the State Council (国发〔1999〕25号)
SKEW: Final = 0.02  # how far the two resolutions may differ
LEAST_GROUND: Final = 0.1  # of all pixels are wholly transparent
LEAST_INK: Final = 0.01  # of all pixels are more seen than not
_HALF = 128


def take_upload(data: bytes, width: int, height: int) -> bytes:
    """Return an uploaded PNG, written anew, as the picture of a seal of so many millimetres.

    Raises:
        PictureError: the class says what is wrong.
    """
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise PictureSizeError(f"A seal is {SMALLEST} to {LARGEST} mm wide and high.")
    _check_bytes(data)
    image = _decode(plain_parts(data))
    dots = resolution(image.size, (width, height))
    _check_resolution(*dots)
    _check_visible(image)
    kept = clean_png(image, dots)
    _check_bytes(kept)
    return kept


def _check_bytes(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise PictureTooLargeError(
            f"A seal's picture has at most {MOST_BYTES // 1024} KiB; save it with fewer pixels or fewer colours."
        )


def _decode(png: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(png), formats=["PNG"]) as image:
            return image.convert("RGBA")
    except (OSError, SyntaxError, ValueError):
        raise PictureDamagedError from None


def _check_resolution(across: float, down: float) -> None:
    if not (FEWEST_DOTS <= across <= MOST_DOTS and FEWEST_DOTS <= down <= MOST_DOTS):
        raise PictureSizeError(
            f"For the seal's size in millimetres, its picture needs {FEWEST_DOTS} to {MOST_DOTS} dots an inch; scale the "
            "drawing and save it again."
        )
    if abs(across - down) > SKEW * max(across, down):
        raise PictureSizeError("The picture's proportions are not those of the seal's size in millimetres; crop it.")


def _check_visible(image: Image.Image) -> None:
    counts = image.getchannel("A").histogram()
    pixels = image.width * image.height
    if counts[0] < LEAST_GROUND * pixels:
        raise PictureOpaqueError
    if sum(counts[_HALF:]) < LEAST_INK * pixels:
        raise PictureEmptyError
