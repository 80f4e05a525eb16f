"""The sheet: everything that is on a rendition, as data for a template.

Decides what every sheet says beside the face: what it is, who issued the licence and until when it holds, its status where that is not VALID, what an
annotated copy (加注件) is for and until when, what the code and the signature prove, and how to look. Data is JSON, pictures are files; nothing is markup.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

import orjson

from hub.catalogue.licence_type import LicenceType
from hub.renditions.face import Face, day, face_of
from hub.renditions.legible import Legible
from hub.renditions.photographs import wrapped
from hub.renditions.templates import LIBRARY, Template, library
from hub.sharing.disclosure import Disclosed

STATUS_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "VALID": "有效", "NOT_YET_VALID": "尚未生效", "EXPIRED": "已过有效期", "SUSPENDED": "暂扣", "WITHDRAWN": "撤销", "CANCELLED": "注销",
        "REVOKED": "吊销", "TRANSFERRED_OUT": "办理转出", "SUPERSEDED": "已换发新版",
    }
)  # fmt: skip
_SIGNED: Final = "本文件带有{name}的数字签名（PAdES），改动任何内容都会使签名失效。"
_UNSIGNED: Final = "本文件没有数字签名，真伪以二维码核验结果为准。"
_CODE: Final = "扫描二维码或访问 {url}/V/ 核验：二维码证明证照及其当前状态，不证明出示人就是持证主体。"
_COPY: Final = (
    "扫描二维码或访问 {url}/renditions/ 加件号核验：本加注件由谁、何时制作，何时失效，文件摘要，以及证照当前状态。"
)
_NO_CODE: Final = "向发证机关或通过 {url} 核验证照标识和当前状态。"
_SEAL, _PRINTED = "seal.svg", "code.svg"
_LONGEST_MARK: Final = 24
_MISSING: Final = "〓 为字库未收录的字（{codes}），以电子证照数据为准。"


@dataclass(frozen=True, slots=True)
class SealPicture:
    """How a seal looks: PNG, and SVG where it was drawn; millimetres. `signs` is whether the signature brings its picture along."""

    name: str
    png: bytes = field(repr=False)
    svg: bytes | None = field(repr=False)
    width: int
    height: int
    signs: bool


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotated copy is for, who had it made, in which case (empty: in none, of what he issued), and the last day it may be used on."""

    purpose: str = field(repr=False)
    maker: str
    item: str
    case_number: str = field(repr=False)
    deadline: date


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sheet is made from, beside what left the funnel."""

    id: str
    made_at: datetime
    issuer: str
    public_url: str
    seal: SealPicture | None = None
    code: str | None = field(default=None, repr=False)
    annotation: Annotation | None = None


def files_of(
    disclosed: Disclosed, licence_type: LicenceType, template: Template, ground: Ground
) -> Mapping[str, bytes]:
    """Return the files of a sheet, as the typesetter takes them; `ground.code` is the picture of the printed code, SVG."""
    legible = Legible()
    face = face_of(licence_type, disclosed, legible)
    data = _data(disclosed, licence_type, face, ground, legible)
    files = {"main": template.source, LIBRARY: library(), **face.files}
    if ground.seal is not None and not ground.seal.signs:
        seal = ground.seal
        files[_SEAL] = seal.svg or wrapped(seal.png, "png", seal.width, seal.height)
        data["seal"]["file"] = _SEAL
    if ground.code is not None:
        files[_PRINTED] = ground.code.encode()
    paper = {
        "width": template.width,
        "height": template.height,
        "accent": template.accent,
        "largest_seal": template.largest_seal,
    }
    return {**files, "data.json": orjson.dumps({**data, "paper": paper, "missing": _missing(legible)})}


def seal_scale(template: Template, seal: SealPicture) -> float:
    """Return by how much a seal is printed smaller than it is; templates do the same."""
    return min(1.0, template.largest_seal / max(seal.width, seal.height))


def _data(
    disclosed: Disclosed, licence_type: LicenceType, face: Face, ground: Ground, legible: Legible
) -> dict[str, Any]:
    stored, seal = disclosed.stored, ground.seal
    return {
        "title": legible(licence_type.name.zh),
        "kind": "加注件" if ground.annotation else "原件",
        "number": face.number,
        "holders": face.holders,
        "issued": face.issued_on,
        "rows": list(face.rows),
        "issuer": {"label": legible(licence_type.title("authority", "zh")), "name": legible(ground.issuer)},
        "validity": _validity(stored.valid_from, stored.valid_until),
        "identifier": stored.identifier,
        "status": None if disclosed.status == "VALID" else STATUS_WORDS[disclosed.status],
        "made": f"{day(ground.made_at.date().isoformat())} {ground.made_at:%H:%M}",
        "made_on": [ground.made_at.year, ground.made_at.month, ground.made_at.day],
        "id": ground.id,
        "code": _PRINTED if ground.code else None,
        "seal": None if seal is None else {"file": None, "width": seal.width, "height": seal.height},
        "annotation": _annotation(ground.annotation, legible),
        "footer": _footer(ground),
    }


def _validity(valid_from: str, valid_until: str | None) -> str:
    return f"{day(valid_from)} 至 {day(valid_until)}" if valid_until else f"{day(valid_from)} 起，长期有效"


def _annotation(annotation: Annotation | None, legible: Legible) -> dict[str, str] | None:
    if annotation is None:
        return None
    deadline = day(annotation.deadline.isoformat())
    return {
        "purpose": legible(annotation.purpose),
        "maker": legible(annotation.maker),
        "item": legible(annotation.item),
        "case": legible(annotation.case_number),
        "deadline": deadline,
        "mark": legible(f"仅用于：{_shortened(annotation.purpose)}　{annotation.maker}　有效至 {deadline}"),
    }


def _shortened(purpose: str) -> str:
    return purpose if len(purpose) <= _LONGEST_MARK else f"{purpose[:_LONGEST_MARK]}…"


def _footer(ground: Ground) -> list[str]:
    seal = ground.seal
    signed = _SIGNED.format(name=seal.name) if seal and seal.signs else _UNSIGNED
    told = _COPY if ground.annotation else _CODE if ground.code else _NO_CODE
    return [told.format(url=ground.public_url), signed]


def _missing(legible: Legible) -> str | None:
    return _MISSING.format(codes="、".join(legible.missing)) if legible.missing else None
