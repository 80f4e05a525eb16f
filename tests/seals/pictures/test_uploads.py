"""Uploaded pictures: one bad file for each attack, and what is kept of a good one."""

import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hub.errors import HubError
from hub.seals.pictures.drawing import draw
from hub.seals.pictures.refusals import PictureError
from hub.seals.pictures.specification import Shape, Specification
from hub.seals.pictures.uploads import MOST_BYTES, take_upload
from tests.seals.pictures.pngs import BLUE, GOOD, RED, SIGNATURE, data, header, interlaced_rows, part, png, rows

SIDE = 42
SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _saved(image: Image.Image, kind: str) -> bytes:
    written = BytesIO()
    image.save(written, kind)
    return written.getvalue()


def _opened(kept: bytes) -> Image.Image:
    with Image.open(BytesIO(kept)) as image:
        return image.convert("RGBA")


def _flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


PICTURE = Image.frombytes("RGBA", (300, 300), b"".join(rows()[at + 1 : at + 1201] for at in range(0, 300 * 1201, 1201)))
FRAMES = part(b"acTL", bytes([0, 0, 0, 2, 0, 0, 0, 0]))
PALETTE, ALPHAS = part(b"PLTE", b"\xe6\x00\x12\xff\xff\xff"), part(b"tRNS", b"\xff\x00")
ONE_BIT = data((b"\0" + b"\xff" * 10 + b"\x00" * 18 + b"\xff" * 10) * 300)  # 304 pixels wide

BAD = {
    "a JPEG named .png": (_saved(PICTURE.convert("RGB"), "JPEG"), "PICTURE_NOT_PNG"),
    "an SVG with a script": (SCRIPT, "PICTURE_NOT_PNG"),
    "nothing": (b"", "PICTURE_NOT_PNG"),
    "too many bytes": (png(header(), part(b"tEXt", bytes(MOST_BYTES)), data(rows())), "PICTURE_TOO_LARGE"),
    "cut off in a part": (GOOD[:-40], "PICTURE_DAMAGED"),
    "cut off between parts": (GOOD[:-12], "PICTURE_DAMAGED"),
    "cut off after its signature": (SIGNATURE, "PICTURE_DAMAGED"),
    "a wrong checksum": (_flipped(GOOD, len(GOOD) - 20), "PICTURE_DAMAGED"),
    "a length beyond its end": (SIGNATURE + b"\xff\xff\xff\xff" + GOOD[12:], "PICTURE_DAMAGED"),
    "something behind its end": (GOOD + b"PK\x03\x04", "PICTURE_TRAILING_DATA"),
    "something behind its data": (
        png(header(), part(b"IDAT", zlib.compress(rows()) + b"more")),
        "PICTURE_TRAILING_DATA",
    ),
    "frames": (png(header(), FRAMES, data(rows())), "PICTURE_ANIMATED"),
    "too wide": (png(header(2001, 300), data(rows(2001, 300))), "PICTURE_DIMENSIONS"),
    "huge by its header alone": (png(header(2**31 - 1, 2**31 - 1), data(b"")), "PICTURE_DIMENSIONS"),
    "too low": (png(header(300, 99), data(rows(300, 99))), "PICTURE_DIMENSIONS"),
    "no width": (png(header(0, 300), data(b"")), "PICTURE_DIMENSIONS"),
    "one byte too many": (png(header(), data(rows() + b"\0")), "PICTURE_INFLATES"),
    "one byte too few": (png(header(), data(rows()[:-1])), "PICTURE_DAMAGED"),
    "data that does not unpack": (png(header(), part(b"IDAT", b"not zlib")), "PICTURE_DAMAGED"),
    "data without an end": (png(header(), part(b"IDAT", zlib.compress(rows())[:-4])), "PICTURE_DAMAGED"),
    "a filter that does not exist": (png(header(), data(b"\x09" + rows()[1:])), "PICTURE_DAMAGED"),
    "no data": (png(header()), "PICTURE_DAMAGED"),
    "no header": (png(data(rows())), "PICTURE_DAMAGED"),
    "two headers": (png(header(), header(), data(rows())), "PICTURE_DAMAGED"),
    "a short header": (png(part(b"IHDR", b"\0" * 12), data(rows())), "PICTURE_DAMAGED"),
    "data in two places": (png(header(), data(rows()), part(b"tEXt", b"a\0b"), data(rows())), "PICTURE_DAMAGED"),
    "a part that must be known": (png(header(), part(b"XXXX"), data(rows())), "PICTURE_DAMAGED"),
    "an unknown interlacing": (png(header(interlaced=2), data(rows())), "PICTURE_DAMAGED"),
    "a palette that is late": (png(header(304, depth=1, colour=3), ALPHAS, PALETTE, ONE_BIT), "PICTURE_DAMAGED"),
    "a palette too long": (
        png(header(304, depth=1, colour=3), part(b"PLTE", bytes(9)), ALPHAS, ONE_BIT),
        "PICTURE_DAMAGED",
    ),
    "no palette": (png(header(304, depth=1, colour=3), ALPHAS, ONE_BIT), "PICTURE_DAMAGED"),
    "no channel of transparency": (_saved(PICTURE.convert("RGB"), "PNG"), "PICTURE_OPAQUE"),
    "a palette without transparency": (png(header(304, depth=1, colour=3), PALETTE, ONE_BIT), "PICTURE_OPAQUE"),
    "a ground that is white": (png(header(), data(rows(ground=b"\xff\xff\xff\xff"))), "PICTURE_OPAQUE"),
    "grey": (_saved(PICTURE.convert("LA"), "PNG"), "PICTURE_COLOUR"),
    "16 bits a channel": (png(header(depth=16), data(rows())), "PICTURE_COLOUR"),
    "nothing to see": (png(header(), data(rows(ink=b"\xe6\x00\x12\x10"))), "PICTURE_EMPTY"),
    "too coarse for its size": (png(header(120, 120), data(rows(120, 120))), "PICTURE_SIZE_MISMATCH"),
    "other proportions": (png(header(300, 400), data(rows(300, 400))), "PICTURE_SIZE_MISMATCH"),
}


def bomb() -> bytes:
    """Make the one bad file that takes a second to make: it unpacks to 200 MB."""
    return png(header(), data(rows() + bytes(200_000_000)))


@pytest.mark.parametrize(("bad", "code"), BAD.values(), ids=BAD.keys())
def test_a_bad_picture_is_refused_by_its_own_code(bad: bytes, code: str) -> None:
    _expect_refusal(bad, code)


def test_a_bomb_is_refused_by_its_own_code() -> None:
    _expect_refusal(bomb(), "PICTURE_INFLATES")


def _expect_refusal(bad: bytes, code: str) -> None:
    with pytest.raises(PictureError) as refused:
        take_upload(bad, SIDE, SIDE)
    assert refused.value.code == code
    assert len(refused.value.message) > 40  # says what to do


@pytest.mark.parametrize(("width", "height"), [(0, 42), (42, -1), (9, 9), (61, 61)])
def test_a_seal_of_no_size_that_seals_have_is_refused(width: int, height: int) -> None:
    with pytest.raises(PictureError) as refused:
        take_upload(GOOD, width, height)
    assert refused.value.code == "PICTURE_SIZE_MISMATCH"


def test_what_is_seen_is_kept() -> None:
    kept = _opened(take_upload(GOOD, SIDE, SIDE))
    assert kept.size == (300, 300)
    assert kept.tobytes() == PICTURE.tobytes()


@pytest.mark.parametrize("blue", [0, 1000], ids=["one colour", "two colours"])
def test_what_is_not_seen_is_not_kept(blue: int) -> None:
    secrets = [
        part(b"tEXt", b"Author\0somebody"),
        part(b"eXIf", b"MM\0*somewhere"),
        part(b"iTXt", b"XML\0\0\0\0\0somebody"),
        part(b"prVt", b"somebody"),
    ]
    hidden = rows(ground=b"abc\x00").replace(RED, BLUE, blue)  # a colour under full transparency
    kept = take_upload(png(header(), *secrets, data(hidden)), SIDE, SIDE)
    assert not any(word in kept for word in (b"somebody", b"somewhere", b"tEXt", b"eXIf", b"iTXt", b"prVt"))
    shown = _opened(kept)
    assert shown.getpixel((0, 0)) == (0, 0, 0, 0)
    assert shown.getpixel((75, 75)) == tuple(BLUE if blue else RED)


def test_the_same_upload_is_kept_as_the_same_bytes_and_so_is_what_was_kept() -> None:
    kept = take_upload(GOOD, SIDE, SIDE)
    assert take_upload(GOOD, SIDE, SIDE) == kept
    assert take_upload(kept, SIDE, SIDE) == kept


def test_a_palette_with_transparency_is_taken() -> None:
    kept = _opened(take_upload(png(header(304, 300, depth=1, colour=3), PALETTE, ALPHAS, ONE_BIT), SIDE, SIDE))
    assert (kept.getpixel((0, 0)), kept.getpixel((150, 150))) == ((0, 0, 0, 0), (0xE6, 0, 0x12, 255))


def test_an_interlaced_picture_is_taken() -> None:
    kept = _opened(take_upload(png(header(interlaced=1), data(interlaced_rows())), SIDE, SIDE))
    assert kept.tobytes() == PICTURE.tobytes()


@pytest.mark.parametrize("shape", Shape)
def test_what_the_hub_draws_is_a_good_upload(shape: Shape) -> None:
    drawn = draw(Specification(shape, "虚构市税务局"))
    assert take_upload(drawn.png, drawn.width, drawn.height) == drawn.png


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_changed_byte_passes(at: int, change: int) -> None:
    bad = GOOD[:at] + bytes([GOOD[at] ^ change]) + GOOD[at + 1 :]
    with pytest.raises(HubError):
        take_upload(bad, SIDE, SIDE)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_by_a_code(noise: bytes) -> None:
    for bad in (noise, SIGNATURE + noise, png(header(), noise), png(header(), part(b"IDAT", noise))):
        with pytest.raises(PictureError):
            take_upload(bad, SIDE, SIDE)
