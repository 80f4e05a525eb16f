"""Forms of cases in GraphQL (从填表到审表): filled, with the source of each value, what the applicant said of it, and a text to look over.

Decides only how it reads.
"""

from datetime import datetime
from typing import Annotated, cast

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


# Sources, values, gaps and fields are read off what the service gives: no object of these classes is made.
def _authority(root: strawberry.Parent[filling.Origin], info: Info) -> Authority:
    return Authority.of(info.context.catalogue.authority(root.authority))


def _dispute(root: strawberry.Parent[filling.Found]) -> Dispute | None:
    return Dispute.of(root.dispute) if root.dispute else None


@strawberry.type(description="数据来源 · Whose word a value is, and as of when.")
class FormSource:
    """A source (`filling.Origin`)."""

    type_key: str = strawberry.field(name="type", description="来源类型 · The key of the licence type or register.")
    identifier: str | None = strawberry.field(
        description="电子证照标识 · Identifier of the licence; null of a register."
    )
    version: int = strawberry.field(description="版本 · Its edition.")
    as_of: datetime = strawberry.field(
        description="截至时间 · When the licence was sealed, or the time for which the register says so."
    )
    record: strawberry.ID = strawberry.field(description="用证记录编号 · The access record of the read.")
    authority: Authority = strawberry.field(
        resolver=_authority, description="数源机关 · The authority whose word it is."
    )


@strawberry.type(description="字段值 · What one source says.")
class FormValue:
    """A value (`filling.Found`)."""

    text: str = strawberry.field(name="value", description="值 · What it says; several are joined by 、.")
    path: str = strawberry.field(description="字段路径 · The source's field.")
    role: str = strawberry.field(description="角色 · Whose it is: `applicant`, or a party's role.")
    origin: FormSource = strawberry.field(name="source", description="数据来源 · Whose word it is.")
    confirmed_at: datetime | None = strawberry.field(
        description="确认时间 · When the applicant confirmed it; null if he did not."
    )
    dispute: Dispute | None = strawberry.field(
        resolver=_dispute, description="数据异议 · The last dispute about it in this case."
    )


@strawberry.type(description="缺项 · A source that gives no value, and why.")
class FormGap:
    """A gap (`filling.Lacking`)."""

    type_key: str = strawberry.field(name="type", description="来源类型 · The key of the licence type or register.")
    path: str = strawberry.field(description="字段路径 · The source's field.")
    role: str = strawberry.field(description="角色 · Whose it would be.")
    gap: FormGapReason = strawberry.field(name="reason", description="原因 · Why it gives nothing.")


@strawberry.type(description="申请表字段 · A field of the form, and all that is known of it.")
class FilledFormField:
    """A field (`filling.FilledField`)."""

    name: str = strawberry.field(description="名称 · The field's name in the item's document.")
    label: BilingualText = strawberry.field(description="标题 · What the form calls it.")
    state: FormFieldState = strawberry.field(description="状态 · Whether it need only be checked, or filled in.")
    value: str | None = strawberry.field(
        description="建议值 · What is proposed: by the first source that says anything; null if none does."
    )
    found: list[FormValue] = strawberry.field(
        name="values", description="各来源 · What each source says, in the item's order of preference."
    )
    lacking: list[FormGap] = strawberry.field(name="gaps", description="缺项 · Sources that give nothing, and why.")
    source: FormSource | None = strawberry.field(
        description="数据来源 · Whence the proposed value comes; null if there is none."
    )


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
            fields=cast("list[FilledFormField]", filled.fields),
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
