"""A filled form for people to look over before it is used (preview; EU regulation 2018/1724 article 14(3)(f)): plain text in both languages.

Decides only how it reads: every field with its value, where each value comes from and as of when, what is missing and why, and what was read. It holds
personal data, and stands in the answer alone: nothing of it is kept.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from hub.catalogue.registers import REGISTERS, Source
from hub.catalogue.service import Catalogue
from hub.clock import Calendar
from hub.sharing.forms.filling import FieldState, FilledField, Found, Gap, Lacking
from hub.sharing.forms.reading import Form

STATES: Final[Mapping[FieldState, str]] = MappingProxyType(
    {
        FieldState.FILLED: "已预填，请核对 · prefilled: please check",
        FieldState.CONTRADICTED: "来源不一致，请核对 · sources contradict each other: please check",
        FieldState.MISSING: "无数据，请填写 · nothing found: please fill in",
        FieldState.TO_FILL: "请填写 · please fill in",
        FieldState.CONFIRMED: "申请人已确认 · confirmed by the applicant",
        FieldState.DISPUTED: "申请人有异议 · disputed by the applicant",
    }
)
GAPS: Final[Mapping[Gap, str]] = MappingProxyType(
    {
        Gap.NOT_GRANTED: "未授权 · not granted",
        Gap.NOT_SHARED: "不予共享 · not shared",
        Gap.CONSENT_NEEDED: "须经本人同意 · the holder's consent is needed",
        Gap.RELATION_NOT_PROVED: "关系未证明 · the relation is not proved",
        Gap.NO_PARTY: "本办件无此相关人 · the case has nobody in this role",
        Gap.NOT_FOUND: "未查到 · not found",
        Gap.NOT_VALID: "无有效证照 · none that is valid today",
        Gap.SEVERAL: "有多份，请指定 · several: name one",
        Gap.OTHER_PERSON: "属他人 · another person's",
        Gap.EMPTY: "来源未载明 · the source does not say",
        Gap.DAMAGED: "来源数据损坏 · the source does not verify",
    }
)


class FormText:
    """Writes forms for people."""

    def __init__(self, catalogue: Catalogue, calendar: Calendar) -> None:
        """The catalogue has the names of authorities, types and registers; `calendar` says what time it is there."""
        self._catalogue = catalogue
        self._calendar = calendar

    def of(self, form: Form) -> str:
        """Return a form as plain text."""
        name, authority = form.document.name, form.case.caller.authority
        lines = [
            "预填申请表 · Prefilled form",
            f"事项 · Item: {name.zh} · {name.en} ({form.case.item})",
            f"办件 · Case: {form.case.number}",
            f"受理机关 · Authority: {self._authority(authority)}",
            f"时间 · Time: {form.at.astimezone(self._calendar.zone).isoformat(sep=' ', timespec='minutes')}",
            "",
        ]
        for each in form.fields:
            lines += self._field(each)
        lines += ["", "读取的数据 · What was read", *self._read(form)]
        return "\n".join(lines) + "\n"

    def _field(self, field: FilledField) -> Iterator[str]:
        yield f"{field.label.zh} · {field.label.en}: {_line(field.value or '—')}    [{STATES[field.state]}]"
        for found in field.found:
            yield f"    {_line(found.text)}  ←  {self._source(found)}"
        for lacking in field.lacking:
            yield f"    —  ←  {self._lacking(lacking)}"

    def _source(self, found: Found) -> str:
        origin = found.origin
        number = f" {origin.source}" if origin.identifier else ""
        day = self._calendar.day(origin.as_of).isoformat()
        return f"{self._named(origin.type_key)}{number}, {self._authority(origin.authority)}, {day}"

    def _lacking(self, lacking: Lacking) -> str:
        return f"{self._named(lacking.type_key)} ({lacking.role}): {GAPS[lacking.gap]}"

    def _read(self, form: Form) -> Iterator[str]:
        places = {each.origin.record: each for field in form.fields for each in field.found}
        for record, found in places.items():
            titles = sorted(
                self._title(each) for field in form.fields for each in field.found if each.origin.record == record
            )
            yield f"    {self._source(found)}: {', '.join(dict.fromkeys(titles))} (记录 · record {record})"
        if not places:
            yield "    —"

    def _title(self, found: Found) -> str:
        return self._kind(found.origin.type_key).title(found.path, "zh")

    def _named(self, type_key: str) -> str:
        name = self._kind(type_key).name
        return f"{name.zh} · {name.en}"

    def _kind(self, type_key: str) -> Source:
        return REGISTERS.get(type_key) or self._catalogue.current.types[type_key][-1]

    def _authority(self, code: str) -> str:
        return self._catalogue.authority(code).name_zh


def _line(text: str) -> str:
    """Return a value as one line, so that none can pass for another field's."""
    return "".join(each if each.isprintable() else " " for each in text)
