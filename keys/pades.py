"""Signatures in PDF files: PAdES-B-B (ETSI EN 319 142-1), with a timestamp B-T, under ES256; the seal's picture is the signature's appearance.

Decides the form: ETSI.CAdES.detached over SHA-256, the chain without its root, an incremental update that keeps PDF/A-2b (no font, no text; the picture
is an image with a mask). The key signs through our own interface, wherever it is kept. Other suites have no PAdES: a PDF under them is proven
by its printed code. Import this where it is used: pyHanko is large.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from asn1crypto import cms, x509
from PIL import Image
from pyhanko.pdf_utils.extensions import DeveloperExtension
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore
from typing_extensions import override

from keys.certificates import Certificate
from keys.contracts import PrivateKey
from keys.elliptic import ES256
from keys.errors import FormatError

SUITE: Final = ES256.name
FIELD: Final = "Seal"
_DIGEST: Final = "sha256"
_RESERVED: Final = 32_768  # hex digits of room for the chain and a timestamp
_PDF: Final = (1, 7)
_BASE: Final = "/1.7"
_WHOLE: Final = SimpleBoxLayoutRule(
    AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID, Margins(0, 0, 0, 0), InnerScaling.STRETCH_FILL
)
Stamp = Callable[[bytes], bytes]
"""Returns the token (DER) of a timestamp over a signature value."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the signature shows: a PNG on a page (from 0), in points from the page's upper left corner."""

    png: bytes = field(repr=False)
    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Words:
    """Who signs, and why, as readers of PDF show it."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed file, and the signature value in it."""

    pdf: bytes = field(repr=False)
    value: bytes = field(repr=False)


class _KeySigner(Signer):
    """Signs with a key of ours."""

    def __init__(self, key: PrivateKey, chain: Sequence[Certificate]) -> None:
        first, *above = (x509.Certificate.load(each.der) for each in chain)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(above)
        super().__init__(signing_cert=first, cert_registry=store, embed_roots=False)
        self._key = key
        self.value = b""

    @override
    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        del digest_algorithm, dry_run  # the suite has one digest; there is room, so nothing is tried out
        self.value = self._key.sign_der(data)
        return self.value


class _Stamper(TimeStamper):
    """Hands in what our own stamping has fetched and checked."""

    def __init__(self, signer: _KeySigner, stamp: Stamp) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._signer = signer
        self._stamp = stamp

    @override
    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        del message_digest, md_algorithm  # it is that of the value
        return cms.ContentInfo.load(await asyncio.to_thread(self._stamp, self._signer.value))


class _Writer(IncrementalPdfFileWriter):
    """Adds to a file what PDF 1.7 knows, which PDF/A-2 stands on: pyHanko would make it PDF 2.0 because of the curve."""

    @override
    def ensure_output_version(self, version: tuple[int, int]) -> None:
        super().ensure_output_version(min(version, _PDF))  # type: ignore[no-untyped-call]

    @override
    def _update_meta(self) -> None:
        """Leave the metadata as the typesetter wrote them: PDF/A-2b, and when it was made."""

    @override
    def register_extension(self, ext: DeveloperExtension) -> None:
        if ext.base_version == _BASE:
            super().register_extension(ext)


class _PdfSigner(PdfSigner):
    """Signs at a moment that is given, not at the one that it is."""

    def __init__(self, at: datetime, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._at = at

    @override
    def init_signing_session(self, *args: Any, **options: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **options)
        session.system_time = self._at
        return session


def sign(
    pdf: bytes, key: PrivateKey, chain: Sequence[Certificate], at: datetime, appearance: Appearance, words: Words,
    stamp: Stamp | None = None,
) -> Signed:  # fmt: skip
    """Return a file signed at a moment (aware); `chain` begins with the signer's certificate and leaves out its root.

    Raises:
        FormatError: the file is no PDF that can be signed, or the key is of another suite.
        Whatever the key and `stamp` raise.
    """
    if key.suite.name != SUITE:
        raise FormatError(f"PAdES is for {SUITE}")
    signer = _KeySigner(key, chain)
    try:
        out = _written(pdf, signer, at, appearance, words, stamp)
    except (PdfError, SigningError) as error:
        raise FormatError("not a PDF that can be signed") from error
    return Signed(out, signer.value)


def _written(
    pdf: bytes, signer: _KeySigner, at: datetime, appearance: Appearance, words: Words, stamp: Stamp | None
) -> bytes:
    writer = _Writer(BytesIO(pdf))
    metadata = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm=_DIGEST, subfilter=SigSeedSubFilter.PADES, name=words.name, reason=words.reason
    )  # fmt: skip
    made = _PdfSigner(
        at, metadata, signer, timestamper=_Stamper(signer, stamp) if stamp else None,
        stamp_style=_style(appearance), new_field_spec=_field(writer, appearance),
    )  # fmt: skip
    out = BytesIO()
    asyncio.run(made.async_sign_pdf(writer, bytes_reserved=_RESERVED, output=out))
    return out.getvalue()


def _style(appearance: Appearance) -> StaticStampStyle:
    picture = PdfImage(Image.open(BytesIO(appearance.png)).convert("RGBA"))
    return StaticStampStyle(border_width=0, background=picture, background_opacity=1.0, background_layout=_WHOLE)


def _field(writer: IncrementalPdfFileWriter, appearance: Appearance) -> SigFieldSpec:
    height = _height(writer, appearance.page)
    left, top = appearance.x, height - appearance.y
    box = tuple(round(each) for each in (left, top - appearance.height, left + appearance.width, top))
    return SigFieldSpec(FIELD, on_page=appearance.page, box=box)  # type: ignore[arg-type]  # four of them


def _height(writer: IncrementalPdfFileWriter, page: int) -> float:
    reference, _ = writer.find_page_for_modification(page)  # type: ignore[no-untyped-call]
    box: Any = reference.get_object()["/MediaBox"]
    return float(box[3])
