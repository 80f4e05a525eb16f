"""The process that looks for codes in a picture or a PDF, and may die of it.

Decides how large a picture is unpacked, how many pages are drawn and at which resolution. Pillow, PDFium and ZXing read what strangers send: so they
run apart, with bounded memory and time, and know nothing of the hub. It says the texts of the QR codes that it found, or why it did not look, as
JSON, and nothing on any log.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Final

import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from PIL import Image

MOST_MEMORY: Final = 3 * 1024**3 // 2
MOST_SECONDS: Final = 10
MOST_PIXELS: Final = 50_000_000
MOST_PAGES: Final = 10
MOST_CODES: Final = 20
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_QR: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_PDF: Final = b"%PDF-"
_HEADER: Final = 1024  # a PDF may begin with so much else
_PASSWORD: Final = 4  # FPDF_ERR_PASSWORD
_DOTS: Final = 300 / 72  # of a page, which measures in points
_PAGE_PIXELS: Final = 12_000_000
_SMALL: Final = 1_000  # pixels a side below which a second look is at twice the size
_LARGE: Final = 3_000  # and above which the first one is at less


class _RefusedError(Exception):
    """It is not looked at; the message is the reason."""


def main() -> None:
    """Read the picture from the standard input and write what was found to the standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    json.dump(found(sys.stdin.buffer.read()), sys.stdout)


def found(data: bytes) -> dict[str, object]:
    """Return the texts of all codes, each once, and the reason why there may be others that were not seen."""
    texts: dict[str, None] = {}
    try:
        for image in _pages(data) if _PDF in data[:_HEADER] else _picture(data):
            texts |= dict.fromkeys(_codes(image))
    except _RefusedError as error:
        return {"texts": list(texts), "problem": str(error)}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"texts": list(texts), "problem": "TOO_LARGE"}
    except (OSError, ValueError, SyntaxError):
        return {"texts": list(texts), "problem": "UNREADABLE"}
    return {"texts": list(texts), "problem": None}


def _picture(data: bytes) -> Iterator[Image.Image]:
    """Yield the first frame; what it unpacks to is known before it is unpacked."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise _RefusedError("TOO_LARGE")
        image.draft("L", (_LARGE, _LARGE))
        flat = _on_white(image)
    flat.thumbnail((_LARGE, _LARGE))
    yield flat


def _on_white(image: Image.Image) -> Image.Image:
    """Return it in grey; what is transparent is paper."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("L")
    seen = image.convert("LA")
    paper = Image.new("L", seen.size, 255)
    paper.paste(seen.getchannel("L"), mask=seen.getchannel("A"))
    return paper


def _pages(data: bytes) -> Iterator[Image.Image]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _RefusedError("ENCRYPTED" if error.err_code == _PASSWORD else "UNREADABLE") from error
    for number in range(min(len(document), MOST_PAGES)):
        try:
            page = document[number]
            width, height = page.get_size()
            scale = min(_DOTS, (_PAGE_PIXELS / max(width * height, 1)) ** 0.5)
            yield page.render(scale=scale, grayscale=True, may_draw_forms=False).to_pil()
        except pypdfium2.PdfiumError as error:
            raise _RefusedError("UNREADABLE") from error
    if len(document) > MOST_PAGES:
        raise _RefusedError("TOO_MANY_PAGES")


def _codes(image: Image.Image) -> list[str]:
    """Look twice: what is small or blurred is read better when it is larger."""
    codes = _read(image)
    if codes or max(image.size) > _SMALL:
        return codes
    return _read(image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC))


def _read(image: Image.Image) -> list[str]:
    seen = zxingcpp.read_barcodes(image, formats=_QR, text_mode=zxingcpp.TextMode.Plain)
    return [code.text for code in seen[:MOST_CODES]]
