"""Seals as pixels: the PNG of a drawn seal, and clean PNGs in general.

Decides how every PNG that the hub keeps is written: its pixels and its resolution, no other metadata, and nothing in the colour of
pixels that cannot be seen. A seal in one colour, as they are drawn, is written as a palette of transparencies: it is part of
everything that is sealed with it, and so takes less than half the bytes. resvg makes the pixels from the SVG, so both show the same.
"""

from io import BytesIO
from typing import Final

from PIL import Image
from resvg_py import svg_to_bytes

from hub.errors import InputInvalidError

DOTS: Final = 300  # an inch, of what is drawn
FEWEST_DOTS: Final = 150
MOST_DOTS: Final = 1200
_MILLIMETRES = 25.4  # an inch
_ALPHAS = 256


def rasterise(svg: bytes, size: tuple[int, int], colour: str, dots: int = DOTS) -> bytes:
    """Return the PNG of an SVG in one colour, of so many millimetres, at so many dots an inch.

    Raises:
        InputInvalidError: too few or too many dots.
    """
    if not FEWEST_DOTS <= dots <= MOST_DOTS:
        raise InputInvalidError(f"A seal is drawn at {FEWEST_DOTS} to {MOST_DOTS} dots an inch.")
    across, down = (round(side * dots / _MILLIMETRES) for side in size)
    drawn = svg_to_bytes(svg_string=svg.decode(), width=across, height=down, dpi=dots, skip_system_fonts=True)
    with Image.open(BytesIO(drawn), formats=["PNG"]) as image:
        alpha = image.getchannel("A")
    whole = Image.new("RGBA", alpha.size, colour)
    whole.putalpha(alpha)
    return clean_png(whole, resolution(alpha.size, size))


def resolution(pixels: tuple[int, int], size: tuple[int, int]) -> tuple[float, float]:
    """Return the dots an inch, across and down, of so many pixels on so many millimetres."""
    return pixels[0] * _MILLIMETRES / size[0], pixels[1] * _MILLIMETRES / size[1]


def clean_png(image: Image.Image, dots: tuple[float, float]) -> bytes:
    """Return an RGBA image as PNG; what is invisible becomes transparent black, so that nothing is hidden in it."""
    alpha = image.getchannel("A")
    kept = Image.new("RGBA", image.size)
    kept.paste(image, mask=alpha.point(lambda value: 255 if value else 0))
    written = BytesIO()
    colours = {each[:3] for _, each in kept.getcolors(_ALPHAS) or () if isinstance(each, tuple) and each[3]}
    if len(colours) == 1:
        ink = Image.frombytes("P", alpha.size, alpha.tobytes())
        ink.putpalette(bytes(3) + bytes(colours.pop()) * (_ALPHAS - 1))
        ink.save(written, "PNG", dpi=dots, optimize=True, transparency=bytes(range(_ALPHAS)))
    else:
        kept.save(written, "PNG", dpi=dots, optimize=True)
    return written.getvalue()
