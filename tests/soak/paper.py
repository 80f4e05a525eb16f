"""One licence on paper and back: made up, printed, laid askew under a scanner that is not quite sharp, read, and its code verified."""

import random
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from PIL import Image, ImageFilter

from hub.catalogue.codes import credit_check_character
from keys import qr_text, qr_token
from keys.qr_verification import verify_token
from keys.report import Result
from keys.suites import SUITES
from keys.verification import StatusAnswer
from tests.keys.authorities import SEALED_AT, Authority, new_authority
from tests.keys.qr_tokens import EXAMPLE, HUB, identifier
from tests.renditions.sheets import ANNOTATION, TYPES, sheet

PAPER_DOTS = 200  # what an office scanner does
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NOW = SEALED_AT + timedelta(days=1)
NAMES = ("虚构市晨光食品有限公司", "示*甲", "星*", None, "虚构省虚构市东城区第一百二十三号餐饮管理有限责任公司")


@cache
def authority(suite: str) -> Authority:
    """Return an authority of a suite, one for each process."""
    return new_authority(suite)


def trip(seed: int) -> str | None:
    """Send one licence through; return what went wrong, None if nothing did."""
    chance = random.Random(seed)  # noqa: S311 - the same thousand each time
    by = authority(chance.choice([name for name, row in SUITES.items() if row.available()]))
    serial = "".join(chance.choices(ALPHABET, k=20))
    holder, issued_at = chance.choice(NAMES), int(SEALED_AT.timestamp())
    wanted = replace(EXAMPLE, identifier=identifier(serial=serial), holder=holder, status_index=chance.randrange(2**20))
    made = qr_token.sign(qr_token.fitting(wanted, by.key.suite), by.key, by.certificate.thumbprint)
    text = qr_text.write(HUB, made)
    type_key = chance.choice(list(TYPES))
    marked = ANNOTATION if chance.random() < 0.2 else None
    code = f"91990200MA{chance.randrange(10**7):07d}"
    pdf = sheet(
        type_key,
        marked,
        text,
        identifier=wanted.identifier,
        number=code + credit_check_character(code),
        remarks="备注" * chance.randrange(200),
    ).pdf
    place = f"{seed}: {type_key}, {by.key.suite.name}"
    found = {each for page in scanned(pdf, chance) for each in codes(page)}
    if text not in found:
        return f"{place}: not read"
    report = verify_token(qr_text.read(text).token, HUB, by.trust(), StatusAnswer("VALID", NOW), NOW)
    if report.result is not Result.TOTAL_PASSED or issued_at <= 0:
        return f"{place}: {report.result}"
    claims = report.claims or {}
    return None if wanted.identifier in claims.values() else f"{place}: another licence"


def scanned(pdf: bytes, chance: random.Random) -> list[Image.Image]:
    """Return the pages as a scanner sees them: in grey, turned, a little blurred, uneven in brightness."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.render(scale=PAPER_DOTS / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()
    return [_seen(page, chance) for page in pages]


def _seen(page: Image.Image, chance: random.Random) -> Image.Image:
    turned = page.rotate(chance.uniform(-8, 8), Image.Resampling.BICUBIC, expand=True, fillcolor=235)
    blurred = turned.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 1.1)))
    return blurred.point([int(25 + each * chance.uniform(0.8, 0.88)) for each in range(256)])


def codes(page: Image.Image) -> list[str]:
    """Return the texts of the codes on a page."""
    found = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return [each.text for each in found]
