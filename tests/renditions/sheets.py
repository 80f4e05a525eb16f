"""Sheets of the catalogue's examples without a hub: what a template is given, and what comes of it."""

import copy
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import segno

from hub.catalogue.licence_type import LicenceType, load_shipped
from hub.demo.face import silhouette
from hub.renditions.sheet import Annotation, Ground, SealPicture, files_of
from hub.renditions.templates import template_of
from hub.renditions.typesetting import Typeset, typeset
from hub.seals.pictures.drawing import DrawnSeal, draw
from hub.seals.pictures.names import special_purpose_seal
from hub.sharing.disclosure import Disclosed
from tests.catalogue.examples import EXAMPLES

TYPES: dict[str, LicenceType] = {each.key: each for each in load_shipped()}
MADE_AT = datetime(2026, 11, 26, 2, 5, tzinfo=UTC)
ISSUER_NAME = "星河市市场监督管理局"
IDENTIFIER = "1.2.156.3005.2.11100000MB0143028R001.11990100009900013U.HUVQHEN6LZQ50NKIJ7YA.001.Q"
URL = "https://hub.example.gov.cn"
ID = "0123456789abcdef0123456789abcdef"
ANNOTATION = Annotation("办理食品经营许可", "星河市审批局", "食品经营许可证核发", "SY-2026-1", date(2026, 12, 31))


@cache
def seal() -> DrawnSeal:
    """Return a seal of the issuer, drawn once."""
    return draw(special_purpose_seal(ISSUER_NAME, f"{ISSUER_NAME}电子证照专用章", "9901010000001"), dots=150)


def picture(*, signs: bool = False) -> SealPicture:
    """Return it as a sheet has it."""
    drawn = seal()
    return SealPicture(f"{ISSUER_NAME}电子证照专用章", drawn.png, drawn.svg, drawn.width, drawn.height, signs)


def disclosed(
    type_key: str, withheld: Iterable[str] = (), status: str = "VALID", identifier: str = IDENTIFIER, **values: Any
) -> Disclosed:
    """Return the example of a type as if the funnel had let it out, without what is withheld."""
    licence_type, example = TYPES[type_key], EXAMPLES[type_key]
    face: dict[str, Any] = {
        "number": example.number, "holders": [dict(each) for each in example.holders], "issuedOn": "2026-01-06",
        **copy.deepcopy(example.data), **values,
    }  # fmt: skip
    face |= {path: silhouette(90, 120) for path in licence_type.image_paths if path in face}
    for path in withheld:
        _without(face, path)
    until = example.valid_until
    stored = SimpleNamespace(
        valid_from="2026-01-05", valid_until=until and until.isoformat(), identifier=identifier, type_key=type_key
    )
    left_out = tuple(SimpleNamespace(path=path, reason="NOT_GRANTED") for path in withheld)
    return cast("Disclosed", SimpleNamespace(values=face, withheld=left_out, status=status, stored=stored))


def _without(face: dict[str, Any], path: str) -> None:
    first, _, below = path.partition(".")
    if not below:
        face.pop(first, None)
        return
    within = face.get(first, {})
    for one in within if isinstance(within, list) else [within]:
        _without(one, below)


def files(
    type_key: str, annotation: Annotation | None = None, code: str | None = None, *, signs: bool = False, **given: Any
) -> Mapping[str, bytes]:
    """Return the files of a sheet; `code` is the text of its QR code."""
    drawn = segno.make_qr(code or f"{URL.upper()}/V/#{'A2' * 170}", error="M")
    svg = str(drawn.svg_inline(border=4, omitsize=True))
    ground = Ground(ID, MADE_AT, ISSUER_NAME, URL, picture(signs=signs), svg, annotation)
    return files_of(disclosed(type_key, **given), TYPES[type_key], template_of(type_key), ground)


def sheet(type_key: str, annotation: Annotation | None = None, code: str | None = None, **given: Any) -> Typeset:
    """Return a sheet as PDF."""
    return typeset(files(type_key, annotation, code, **given), MADE_AT)
