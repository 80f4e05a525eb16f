"""What differs between two forms of one type, field by field, as people read it.

Decides only how it reads. It compares what stands in the controls: what looks the same is the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hub.web.console.issuing.controls import LONG_TERM, Control, Group, Look, Outline, Part
from hub.web.console.issuing.texts import below, places

PICTURE = "●"
"""What stands for a picture: that there is one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; "" where there is nothing. Of pictures only whether there is one is told."""

    name: str
    label: str
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two forms: its texts, and digests of its pictures, by path."""

    texts: Mapping[str, str] = field(repr=False)
    digests: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    label: str
    control: Control


def differences(outline: Outline, before: Side, after: Side, language: str) -> list[Difference]:
    """Return what differs, in the order of the page, without the reasons, which belong to the act and not to the licence."""
    names = (*before.texts, *before.digests, *after.texts, *after.digests)
    parts = (*outline.holders, *outline.licence, *outline.face)
    found = (
        Difference(each.name, each.label, _read(each, before, language), _read(each, after, language))
        for each in _named(parts, names, language)
        if _value(each, before) != _value(each, after)
    )
    return list(found)


def _named(
    parts: Sequence[Part], names: Sequence[str], language: str, above: str = "", title: str = ""
) -> Iterator[_Named]:
    for part in parts:
        at, label = (
            below(above, part.name),
            f"{title} · {part.label.text(language)}" if title else part.label.text(language),
        )
        if isinstance(part, Control):
            yield _Named(at, label, part)
        elif isinstance(part, Group):
            yield from _named(part.members, names, language, at, label)
        else:
            for place in range(places(names, part, at)):
                row = f"{label} {place + 1}" if part.most > 1 else label
                yield from _named(part.element.members, names, language, f"{at}[{place}]", row)


def _value(each: _Named, side: Side) -> str:
    if each.control.look is Look.CHECKS:
        return "\n".join(
            choice.value for place, choice in enumerate(each.control.choices) if side.texts.get(f"{each.name}[{place}]")
        )
    if each.control.look is Look.END and side.texts.get(LONG_TERM):
        return LONG_TERM
    return side.digests.get(each.name) or side.texts.get(each.name, "").replace("\r\n", "\n").strip()


def _read(each: _Named, side: Side, language: str) -> str:
    value = _value(each, side)
    if each.control.look is Look.PICTURE:
        return PICTURE if value else ""
    labels = {**{choice.value: choice.label.text(language) for choice in each.control.choices}, **_OTHERS[language]}
    return "\n".join(labels.get(line, line) for line in value.split("\n"))


_OTHERS: Mapping[str, Mapping[str, str]] = {
    "zh": {LONG_TERM: "长期有效", "true": "是", "false": "否"},
    "en": {LONG_TERM: "without an end", "true": "Yes", "false": "No"},
}
