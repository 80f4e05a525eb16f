"""What sources feed into the registers, in GraphQL: entries and statuses in batches, each answered on its own.

Decides only how it reads. Who may feed, and which word counts, is judged in the service; a batch that is sent again changes nothing, so it has no
idempotency key.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

import strawberry
from anyio import to_thread

from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION
from hub.identities.service import Answered
from hub.identities.statement import Statement
from hub.limits import LARGEST_LIST
from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.register_enums import FeedOutcome, OrganisationKind, OrganisationStatus, PersonStatus, RegisterWarning

_AS_OF = "数据时间 · The time for which you say so, with its offset; an older one never takes the place of a newer one."
_UP_TO = f"Up to {LARGEST_LIST}, each on its own; sent again, they change nothing."


class _Said:
    """What an input says: its members fill paths of the register."""

    PATHS: ClassVar[tuple[str, ...]] = ()
    ONLY_STATUS: ClassVar[bool] = False

    def statement(self) -> Statement:
        """Return the statement."""
        values = {path: _text(getattr(self, _MEMBERS[path])) for path in self.PATHS}
        as_of: datetime = getattr(self, "as_of")  # noqa: B009 - each input has it
        return Statement(values, as_of, self.ONLY_STATUS)


_MEMBERS = {
    "number": "number", "name": "name", "status": "status", "creditCode": "credit_code", "kind": "kind",
    "legalRepresentative": "legal_representative", "address": "address", "scope": "scope",
}  # fmt: skip


def _text(given: Any) -> str | None:
    """Return a member as the register keeps it; of a choice its name."""
    return given if given is None or isinstance(given, str) else str(given.value)


@strawberry.input(description="自然人条目 · All that is said of a person.")
class PersonEntryInput(_Said):
    """A person."""

    PATHS: ClassVar[tuple[str, ...]] = ("number", "name", "status")
    number: str = strawberry.field(description="公民身份号码 · The citizen number (GB 11643).")
    name: str = strawberry.field(description="姓名 · The name.")
    status: PersonStatus = strawberry.field(description="状态 · What you know of the person.")
    as_of: datetime = strawberry.field(description=_AS_OF)


@strawberry.input(description="自然人状态 · A person's status; you say that the rest still holds.")
class PersonStatusInput(_Said):
    """A person's status."""

    PATHS: ClassVar[tuple[str, ...]] = ("number", "status")
    ONLY_STATUS: ClassVar[bool] = True
    number: str = strawberry.field(description="公民身份号码 · The citizen number (GB 11643).")
    status: PersonStatus = strawberry.field(description="状态 · What you know of the person, such as DECEASED.")
    as_of: datetime = strawberry.field(description=_AS_OF)


@strawberry.input(description="组织条目 · All that is said of an organisation.")
class OrganisationEntryInput(_Said):
    """An organisation."""

    PATHS: ClassVar[tuple[str, ...]] = (
        "creditCode", "name", "kind", "status", "legalRepresentative", "address", "scope",
    )  # fmt: skip
    credit_code: str = strawberry.field(description="统一社会信用代码 · The credit code (GB 32100).")
    name: str = strawberry.field(description="名称 · The name.")
    kind: OrganisationKind = strawberry.field(description="机构类型 · What it is.")
    status: OrganisationStatus = strawberry.field(description="登记状态 · What you know of it.")
    legal_representative: str | None = strawberry.field(default=None, description="法定代表人 · The name.")
    address: str | None = strawberry.field(default=None, description="住所 · Its seat.")
    scope: str | None = strawberry.field(default=None, description="经营（业务）范围 · What it may do.")
    as_of: datetime = strawberry.field(description=_AS_OF)


@strawberry.input(description="组织状态 · An organisation's status; you say that the rest still holds.")
class OrganisationStatusInput(_Said):
    """An organisation's status."""

    PATHS: ClassVar[tuple[str, ...]] = ("creditCode", "status")
    ONLY_STATUS: ClassVar[bool] = True
    credit_code: str = strawberry.field(description="统一社会信用代码 · The credit code (GB 32100).")
    status: OrganisationStatus = strawberry.field(description="登记状态 · What you know of it, such as CANCELLED.")
    as_of: datetime = strawberry.field(description=_AS_OF)


@strawberry.type(description="入库结果 · What became of one entry that was sent.")
class FedEntry:
    """What became of an entry."""

    outcome: FeedOutcome = strawberry.field(description="结果 · What became of it.")
    edition: int | None = strawberry.field(
        description="版本 · The edition that holds now; null where there is no entry."
    )
    warnings: list[RegisterWarning] = strawberry.field(
        description="提示 · What is remarkable, and no reason to refuse."
    )
    problem: Problem | None = strawberry.field(description="问题 · Why it was refused; null if it was not.")

    @classmethod
    def of(cls, answered: Answered) -> "FedEntry":
        """Show what became of an entry."""
        if answered.fed is None:
            problem = Problem.of(answered.refused) if answered.refused else None
            return cls(outcome=FeedOutcome.REFUSED, edition=None, warnings=[], problem=problem)
        warnings = [RegisterWarning(each.value) for each in answered.warnings]
        return cls(
            outcome=FeedOutcome(answered.fed.outcome.value), edition=answered.fed.edition, warnings=warnings, problem=None
        )  # fmt: skip


@strawberry.type(description="入库结果 · What became of the entries, in the order sent.")
class FedEntries:
    """What became of a batch."""

    results: list[FedEntry] = strawberry.field(description="结果 · What became of each, in the order sent.")


FeedResult = Annotated[
    FedEntries | Problem,
    strawberry.union("FeedResult", description="What became of the entries, or why none was taken."),
]


async def _fed(info: Info, register: str, said: Sequence[_Said]) -> FedEntries:
    feed, caller = info.context.identities.feed, info.context.required_caller()
    answered = await to_thread.run_sync(feed, caller, register, [each.statement() for each in said])
    return FedEntries(results=[FedEntry.of(each) for each in answered])


@strawberry.type
class IdentityMutation:
    """What sources feed; `Mutation` takes it over."""

    @resolved(f"自然人入库 · Say what holds of persons. {_UP_TO}", FeedResult)
    async def feed_persons(
        self, info: Info, entries: Annotated[list[PersonEntryInput], argument("条目 · The persons.")]
    ) -> FedEntries | Problem:
        """Feed persons."""
        return await _fed(info, NATURAL_PERSON, entries)

    @resolved(f"自然人状态变更 · Say that persons' status is another, and the rest still holds. {_UP_TO}", FeedResult)
    async def feed_person_statuses(
        self, info: Info, entries: Annotated[list[PersonStatusInput], argument("状态 · The persons.")]
    ) -> FedEntries | Problem:
        """Feed persons' statuses."""
        return await _fed(info, NATURAL_PERSON, entries)

    @resolved(f"组织入库 · Say what holds of organisations. {_UP_TO}", FeedResult)
    async def feed_organisations(
        self, info: Info, entries: Annotated[list[OrganisationEntryInput], argument("条目 · The organisations.")]
    ) -> FedEntries | Problem:
        """Feed organisations."""
        return await _fed(info, ORGANISATION, entries)

    @resolved(
        f"组织状态变更 · Say that organisations' status is another, and the rest still holds. {_UP_TO}", FeedResult
    )
    async def feed_organisation_statuses(
        self, info: Info, entries: Annotated[list[OrganisationStatusInput], argument("状态 · The organisations.")]
    ) -> FedEntries | Problem:
        """Feed organisations' statuses."""
        return await _fed(info, ORGANISATION, entries)
