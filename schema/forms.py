"""Forms of cases in GraphQL (从填表到审表): filled, with the source of each value, what the applicant said of it, and a text to look over.

Decides only how it reads.
"""

from datetime import datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.sharing.forms import filling, reading
from schema.catalogue import Authority
from schema.context import Info
from schema.disputes import Dispute
from schema.fields import argument, resolved
from schema.form_enums import FormFieldState, FormGapReason
from schema.parties import CaseParties, HasCase
from schema.problems import BilingualText, Problem


@strawberry.type(description="数据来源 · Whose word a value is, and as of when.")
class FormSource:
    """A source."""

    origin: strawberry.Private[filling.Origin]
    type: str = strawberry.field(description="来源类型 · The key of the licence type or register.")
    identifier: str | None = strawberry.field(
        description="电子证照标识 · Identifier of the licence; null of a register."
    )
    version: int = strawberry.field(description="版本 · Its edition.")
    as_of: datetime = strawberry.field(
        description="截至时间 · When the licence was sealed, or the time for which the register says so."
    )
    record: strawberry.ID = strawberry.field(description="用证记录编号 · The access record of the read.")

    @classmethod
    def of(cls, origin: filling.Origin) -> "FormSource":
        """Show a source."""
        return cls(
            origin=origin, type=origin.type_key, identifier=None if origin.is_register else origin.source,
            version=origin.version, as_of=origin.as_of, record=strawberry.ID(origin.record),
        )  # fmt: skip

    @resolved("数源机关 · The authority whose word it is.")
    def authority(self, info: Info) -> Authority:
        """Name the authority."""
        return Authority.of(info.context.catalogue.authority(self.origin.authority))


@strawberry.type(description="字段值 · What one source says.")
class FormValue:
    """A value."""

    value: str = strawberry.field(description="值 · What it says; several are joined by 、.")
    path: str = strawberry.field(description="字段路径 · The source's field.")
    role: str = strawberry.field(description="角色 · Whose it is: `applicant`, or a party's role.")
    source: FormSource = strawberry.field(description="数据来源 · Whose word it is.")
    confirmed_at: datetime | None = strawberry.field(
        description="确认时间 · When the applicant confirmed it; null if he did not."
    )
    dispute: Dispute | None = strawberry.field(description="数据异议 · The last dispute about it in this case.")


@strawberry.type(description="缺项 · A source that gives no value, and why.")
class FormGap:
    """A gap."""

    type: str = strawberry.field(description="来源类型 · The key of the licence type or register.")
    path: str = strawberry.field(description="字段路径 · The source's field.")
    role: str = strawberry.field(description="角色 · Whose it would be.")
    reason: FormGapReason = strawberry.field(description="原因 · Why it gives nothing.")


@strawberry.type(description="申请表字段 · A field of the form, and all that is known of it.")
class FilledFormField:
    """A field."""

    name: str = strawberry.field(description="名称 · The field's name in the item's document.")
    label: BilingualText = strawberry.field(description="标题 · What the form calls it.")
    state: FormFieldState = strawberry.field(description="状态 · Whether it need only be checked, or filled in.")
    value: str | None = strawberry.field(
        description="建议值 · What is proposed: by the first source that says anything; null if none does."
    )
    values: list[FormValue] = strawberry.field(
        description="各来源 · What each source says, in the item's order of preference."
    )
    gaps: list[FormGap] = strawberry.field(description="缺项 · Sources that give nothing, and why.")

    @resolved("数据来源 · Whence the proposed value comes; null if there is none.")
    def source(self) -> FormSource | None:
        """Show the source of the proposed value."""
        return self.values[0].source if self.values else None

    @classmethod
    def of(cls, field: filling.FilledField) -> "FilledFormField":
        """Show a field."""
        return cls(
            name=field.name, label=BilingualText.of(field.label), state=FormFieldState(field.state.value), value=field.value,
            values=[_value(each) for each in field.found],
            gaps=[
                FormGap(type=each.type_key, path=each.path, role=each.role, reason=FormGapReason(each.gap.value))
                for each in field.lacking
            ],
        )  # fmt: skip


def _value(found: filling.Found) -> FormValue:
    return FormValue(
        value=found.text, path=found.path, role=found.role, source=FormSource.of(found.origin),
        confirmed_at=found.confirmed_at, dispute=Dispute.of(found.dispute) if found.dispute else None,
    )  # fmt: skip


@strawberry.type(
    description="预填申请表 · The item's form, filled from licences and registers: to be checked, not filled in."
)
class Form:
    """A filled form."""

    filled: strawberry.Private[reading.Form]
    name: BilingualText = strawberry.field(description="事项名称 · What the item's document calls it.")
    version: int = strawberry.field(description="版本 · The version of the item's document.")
    at: datetime = strawberry.field(description="时间 · When it was filled.")
    fields: list[FilledFormField] = strawberry.field(description="字段 · Its fields, in order.")

    @resolved("文本 · The form, its sources and what was read, as plain text to look over before it is used.")
    def text(self, info: Info) -> str:
        """Write it for people."""
        return info.context.sharing.forms.text.of(self.filled)

    @classmethod
    def of(cls, filled: reading.Form) -> "Form":
        """Show a form."""
        return cls(
            filled=filled, name=BilingualText.of(filled.document.name), version=filled.document.version, at=filled.at,
            fields=[FilledFormField.of(each) for each in filled.fields],
        )  # fmt: skip


FormResult = Annotated[
    Form | Problem, strawberry.union("FormResult", description="A filled form, or why there is none.")
]


@strawberry.type
class CaseForms(CaseParties):
    """The form of a case, and what the applicant said of its values; `Case` takes them over."""

    @resolved(
        "预填申请表 · The item's form, filled: one read for each source and person, each on record.",
        FormResult,
    )
    async def form(
        self: HasCase,
        info: Info,
        licences: Annotated[
            list[str] | None,
            argument("电子证照标识 · Which licences to use where somebody has several of a type."),
        ] = None,
    ) -> Form | Problem:
        """Fill the form."""
        context = info.context
        return Form.of(await context.sharing.forms.reading.form(self.opened, licences or (), context.pending))

    @resolved("数据异议 · The disputes of this case, with their answers, the oldest first.")
    async def disputes(self: HasCase, info: Info) -> list[Dispute]:
        """List the disputes."""
        look, opened = info.context.sharing.forms.desk.of_case, self.opened
        found = await to_thread.run_sync(look, opened.caller, opened.id, info.context.pending)
        return [Dispute.of(each) for each in found]
