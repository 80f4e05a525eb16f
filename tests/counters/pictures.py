"""Pictures and PDFs with codes, as people upload them; and what should harm nobody."""

import io
import struct
import zlib
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageFilter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from hub.counters.qr_code import QrCode


def image(code: QrCode, scale: int = 4) -> Image.Image:
    """The code as a grey picture."""
    return Image.open(io.BytesIO(code.png(scale))).convert("L")


def saved(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def photographed(code: QrCode) -> bytes:
    """The code as a telephone sees it: on a larger paper, turned, blurred, as a JPEG."""
    paper = Image.new("L", (1600, 1200), 235)
    paper.paste(image(code).rotate(8, Image.Resampling.BICUBIC, expand=True, fillcolor=235), (300, 200))
    return saved(paper.filter(ImageFilter.GaussianBlur(1)), "JPEG", quality=70)


def beside_each_other(*pictures: Image.Image) -> bytes:
    """Several codes on one sheet."""
    sheet = Image.new("L", (sum(one.width for one in pictures), max(one.height for one in pictures)), 255)
    left = 0
    for one in pictures:
        sheet.paste(one, (left, 0))
        left += one.width
    return saved(sheet)


def pdf(*pages: Image.Image | None) -> bytes:
    """A PDF with a picture, or nothing, on each page, 4 cm wide."""
    document = pypdfium2.PdfDocument.new()
    for picture in pages:
        page = document.new_page(595, 842)
        if picture is not None:
            drawn = pypdfium2.PdfImage.new(document)
            drawn.set_bitmap(pypdfium2.PdfBitmap.from_pil(picture))
            drawn.set_matrix(pypdfium2.PdfMatrix().scale(113, 113).translate(200, 400))
            page.insert_obj(drawn)
            page.gen_content()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A small PNG that says it is `side` pixels a side."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def encrypted(plain: bytes) -> bytes:
    """The PDF, to be opened with a password only."""
    writer: Any = copy_into_new_writer(PdfFileReader(io.BytesIO(plain)))
    writer.encrypt("made up", "made up")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
