"""Faults of catalogue documents: where each is, and what to do about it, in both languages.

Decides how a fault is told: to programs and on screens by its place and the English reason, on pages at the control that its pointer
(RFC 6901) leads to. It must never hold a value of a document beyond what the rules name.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One thing named in both languages."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """Return the Chinese text for zh and its variants (zh-CN), else the English one."""
        return self.zh if language.lower().startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: a pointer into the document, what messages call the place, and why."""

    pointer: str
    place: str
    reason: Term

    @property
    def text(self) -> str:
        """Return it as messages tell it."""
        return f"{self.place}: {self.reason.en}"


def pointer(*steps: object, above: str = "") -> str:
    """Return the JSON pointer of a way through a document, below `above`."""
    return above + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def told(faults: Iterable[Fault]) -> str:
    """Return several faults as one message tells them."""
    return "; ".join(fault.text for fault in faults)


# What JSON Schema finds, by its keyword; the English reason is the validator's own.
SHAPES = {
    "required": "缺少成员",
    "additionalProperties": "有不认识的成员",
    "type": "类型不对",
    "enum": "须为所列取值之一",
    "pattern": "写法不合规定，或为空",
    "minimum": "过小",
    "maximum": "过大",
    "minItems": "项数过少",
    "maxItems": "项数过多",
    "maxLength": "过长",
    "uniqueItems": "有重复",
    "maxProperties": "过多",
    "not": "此处不应有",
}


def shape(keyword: object, message: str) -> Term:
    """Return the reason of a fault that a JSON Schema keyword has found."""
    return Term(f"{SHAPES.get(str(keyword), '不合文件规定的结构')}（{message}）", message)


def members_missing(keyword: object, message: str, names: Iterable[object]) -> tuple[str, ...]:
    """Return the member that a `required` fault misses, to be added to its pointer; nothing for other faults."""
    if keyword != "required":
        return ()
    return tuple(str(name) for name in names if message.startswith(f"{name!r} "))[:1]
