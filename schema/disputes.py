"""Confirming and disputing values in GraphQL: by a department on behalf of its applicant, by the holder himself, and answered by whose word it is.

Decides only how it reads; who may, and what was read at all, is judged in the service.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Annotated, TypeVar

import strawberry
from anyio import to_thread

from hub.access.caller import Caller
from hub.access.staff.caller import Staff
from hub.paging import Window
from hub.sharing.forms import disputes
from hub.sharing.forms.desk import FormDesk, Value
from hub.sharing.forms.disputes import Answer, Sought, Words
from hub.sharing.forms.steps import State
from schema.catalogue import Authority
from schema.context import Context, Info
from schema.fields import IDEMPOTENCY_KEY, argument, resolved
from schema.form_enums import DisputeAnswer, DisputeState
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last

T = TypeVar("T")
_RECORD = "用证记录编号 · The access record of the read in which the value was seen."
_PATH = "字段路径 · Dotted path of the field."
_RIGHT = "正确内容 · What is said to be right; it is sealed, and erased with its person."
_REASON = "理由 · Why; it is sealed."


@strawberry.type(description="数据异议 · A value that somebody says is wrong, and what became of that.")
class Dispute:
    """A dispute."""

    found: strawberry.Private[disputes.Dispute]
    dispute: strawberry.ID = strawberry.field(description="异议编号 · Its id.")
    state: DisputeState = strawberry.field(description="状态 · How it stands.")
    type: str = strawberry.field(description="来源类型 · The key of the licence type or register.")
    source: str = strawberry.field(
        description="来源 · Identifier of the licence, or id of the register entry, whose field is disputed."
    )
    version: int = strawberry.field(description="版本 · Its edition.")
    path: str = strawberry.field(description=_PATH)
    record: strawberry.ID = strawberry.field(description=_RECORD)
    right: str | None = strawberry.field(description="正确内容 · What is said to be right; null once it was erased.")
    reason: str | None = strawberry.field(description="理由 · Why; null once it was erased.")
    filed_at: datetime = strawberry.field(description="提出时间 · When it was filed.")
    due: date = strawberry.field(description="答复期限 · The last day for the answer: 10 working days.")
    overdue: bool = strawberry.field(description="是否逾期 · Whether it is open, and its last day over.")
    answered_at: datetime | None = strawberry.field(description="答复时间 · When it was answered or withdrawn.")
    correction: str | None = strawberry.field(
        description="更正后证照 · Identifier of the licence that takes the disputed one's place, if CORRECTED."
    )
    reply: str | None = strawberry.field(description="答复 · What the source says of it; null if nothing.")

    @classmethod
    def of(cls, found: disputes.Dispute) -> "Dispute":
        """Show a dispute."""
        words = found.words
        return cls(
            found=found, dispute=strawberry.ID(found.id), state=DisputeState(found.state.value), type=found.type_key,
            source=found.source, version=found.version, path=found.path, record=strawberry.ID(found.record),
            right=words.right if words else None, reason=words.reason if words else None, filed_at=found.filed_at,
            due=found.due, overdue=found.overdue, answered_at=found.answered_at, correction=found.correction,
            reply=found.reply,
        )  # fmt: skip

    @resolved("提出机构 · The department that filed it; null if the holder did so himself.")
    def authority(self, info: Info) -> Authority | None:
        """Name the department."""
        return _authority(info, self.found.authority)

    @resolved("数源机关 · The authority whose word it is, and who answers.")
    def source_authority(self, info: Info) -> Authority | None:
        """Name the source."""
        return _authority(info, self.found.source_authority)


def _authority(info: Info, code: str | None) -> Authority | None:
    return Authority.of(info.context.catalogue.authority(code)) if code else None


@strawberry.input(description="读取的值 · A value that was read in a case.")
class ReadValueInput:
    """A value."""

    case: strawberry.ID = strawberry.field(description="办件 · The case's id.")
    record: strawberry.ID = strawberry.field(description=_RECORD)
    path: str = strawberry.field(description=_PATH)

    def value(self) -> Value:
        """Return the value."""
        return Value(str(self.record), self.path, str(self.case))


@strawberry.input(description="提出异议 · A dispute on behalf of the applicant.")
class DisputeInput:
    """A dispute."""

    value: ReadValueInput = strawberry.field(description="读取的值 · Which value is wrong.")
    right: str = strawberry.field(description=_RIGHT)
    reason: str = strawberry.field(description=_REASON)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="本人提出异议 · A holder's own dispute.")
class OwnDisputeInput:
    """A dispute."""

    record: strawberry.ID = strawberry.field(description=_RECORD)
    path: str = strawberry.field(description=_PATH)
    right: str = strawberry.field(description=_RIGHT)
    reason: str = strawberry.field(description=_REASON)


@strawberry.input(description="答复异议 · What the source authority answers.")
class DisputeAnswerInput:
    """An answer."""

    dispute: strawberry.ID = strawberry.field(description="异议编号 · Which dispute.")
    answer: DisputeAnswer = strawberry.field(description="答复 · Corrected, or rejected.")
    correction: str | None = strawberry.field(
        default=None,
        description="更正后证照 · If corrected: identifier of the licence that takes its place; of a register none.",
    )
    reason: str | None = strawberry.field(default=None, description="理由 · Why; needed to reject. It is sealed.")
    idempotency_key: str | None = strawberry.field(
        default=None, description=f"{IDEMPOTENCY_KEY} Client systems need one."
    )


@strawberry.type(description="已确认 · That the applicant confirmed a value.")
class Confirmation:
    """A confirmation."""

    record: strawberry.ID = strawberry.field(description=_RECORD)
    path: str = strawberry.field(description=_PATH)
    at: datetime = strawberry.field(description="时间 · When he confirmed it first.")


DisputeResult = Annotated[
    Dispute | Problem, strawberry.union("DisputeResult", description="A dispute, or why nothing was done.")
]
ConfirmationResult = Annotated[
    Confirmation | Problem,
    strawberry.union("ConfirmationResult", description="A confirmation, or why there is none."),
]


def _desk(info: Info) -> FormDesk:
    return info.context.sharing.forms.desk


def _who(context: Context) -> Caller | Staff:
    return context.staff or context.required_caller()


async def _done(change: Callable[[], disputes.Dispute]) -> Dispute:
    return Dispute.of(await to_thread.run_sync(change))


@strawberry.type
class DisputeQuery:
    """Lists of disputes; `Query` takes them over."""

    @resolved(
        "数据异议 · Disputes about what an authority said, in the order they were filed; for its clients that issue and its licence officers."
    )
    async def disputes(
        self,
        info: Info,
        authority: Annotated[str | None, argument("机构 · Whose word is disputed; null is the client's own.")] = None,
        states: Annotated[list[DisputeState] | None, argument("状态 · Only these states.")] = None,
        overdue: Annotated[bool, argument("逾期 · Only those that are overdue.")] = False,  # noqa: FBT002 - GraphQL names it
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Dispute] | None:
        """List disputes."""
        wanted = frozenset(State(each.value) for each in states) if states is not None else None
        window, sought = Window(first, after, last, before), Sought(authority, wanted, overdue)
        page = await to_thread.run_sync(
            info.context.sharing.forms.source.page, _who(info.context), sought, window, info.context.pending
        )
        return Connection[Dispute].of(page, Dispute.of)


@strawberry.type
class DisputeMutation:
    """What is said of values; `Mutation` takes it over."""

    @resolved("确认信息 · The applicant found a value right: it need not be filled in.", ConfirmationResult)
    async def confirm_value(
        self,
        info: Info,
        value: Annotated[ReadValueInput, argument("读取的值 · Which value.")],
    ) -> Confirmation | Problem:
        """Confirm."""
        caller = info.context.required_caller()
        kept = await to_thread.run_sync(_desk(info).confirm, caller, value.value())
        return Confirmation(record=strawberry.ID(kept.record), path=value.path, at=kept.at)

    @resolved(
        "提出异议 · The applicant says that a value is wrong; his own paper counts in the case until it is answered.",
        DisputeResult,
    )
    async def dispute_value(
        self,
        info: Info,
        input: Annotated[DisputeInput, argument("异议 · The dispute.")],  # noqa: A002 - GraphQL's word
    ) -> Dispute | Problem:
        """Dispute."""
        caller, words = info.context.required_caller(), Words(input.right, input.reason)
        return await _done(partial(_desk(info).file, caller, input.value.value(), words, input.idempotency_key))

    @resolved("撤回异议 · Take a dispute of your own authority back.", DisputeResult)
    async def withdraw_dispute(
        self,
        info: Info,
        dispute: Annotated[strawberry.ID, argument("异议编号 · The dispute.")],
        idempotency_key: Annotated[str, argument(IDEMPOTENCY_KEY)],
    ) -> Dispute | Problem:
        """Withdraw."""
        caller = info.context.required_caller()
        return await _done(partial(_desk(info).withdraw, caller, str(dispute), idempotency_key))

    @resolved("本人提出异议 · The holder who is signed in says that a value of his is wrong.", DisputeResult)
    async def dispute_own_value(
        self,
        info: Info,
        input: Annotated[OwnDisputeInput, argument("异议 · The dispute.")],  # noqa: A002 - GraphQL's word
    ) -> Dispute | Problem:
        """Dispute."""
        holder, words = info.context.required_holder(), Words(input.right, input.reason)
        return await _done(partial(_desk(info).file_own, holder, Value(str(input.record), input.path), words))

    @resolved(
        "答复异议 · Answer a dispute about what your authority said; for clients that issue and licence officers.",
        DisputeResult,
    )
    async def answer_dispute(
        self,
        info: Info,
        input: Annotated[DisputeAnswerInput, argument("答复 · The answer.")],  # noqa: A002 - GraphQL's word
    ) -> Dispute | Problem:
        """Answer."""
        answer, who = Answer(State(input.answer.value), input.correction, input.reason), _who(info.context)
        source = info.context.sharing.forms.source
        return Dispute.of(await source.answer(who, str(input.dispute), answer, input.idempotency_key))
