"""A licence as it left the hub: facts in the clear, disclosed fields, and what was withheld.

Decides only how a disclosure reads in GraphQL. It must never look anything up by itself that the disclosure did not yield: the
funnel of `hub.sharing` has decided before. The generated licence types (`schema.faces`) share these fields.
"""

from datetime import date, datetime
from operator import methodcaller
from typing import Annotated, NamedTuple

import strawberry
from anyio import to_thread

from hub.sharing.disclosure import Disclosed
from hub.sharing.history import HistoryEntry as Event
from schema.catalogue import Authority, LicenceTypeInfo
from schema.context import Context, Info
from schema.enums import LicenceStatus, WithheldReason
from schema.faces import member, value
from schema.fields import argument, read
from schema.printed import PrintedCode
from schema.problems import Problem
from schema.relay import Node
from schema.selection import Selection


class Answer(NamedTuple):
    """A disclosed licence, as GraphQL reads it in the context of a request."""

    disclosed: Disclosed
    context: Context

    @property
    def id(self) -> str:
        """The opaque id."""
        return self.context.sharing.node_id(self.disclosed)

    @property
    def typename(self) -> str:
        """The name of its GraphQL type: the key of its licence type."""
        return self.disclosed.stored.type_key

    def receipt(self) -> str:
        """Sign the hub's receipt."""
        return self.context.sharing.receipt(self.disclosed, self.context.pending)


def _itself(answer: Answer) -> Answer:
    return answer


@strawberry.type(description="持证主体 · A person or organisation the licence is issued to.")
class Holder:
    """A disclosed holder; what was not disclosed is null."""

    code_type: str | None = read("持证主体代码类型 · Three-digit code type, such as 001 or 111.", member("codeType"))
    code: str | None = read("持证主体代码 · The holder's code of that type.", member("code"))
    name: str | None = read("持证主体名称 · The holder's name as printed.", member("name"))


@strawberry.type(description="未提供字段 · A wanted field that was not disclosed, and why.")
class Withheld:
    """A withheld field."""

    path: str = strawberry.field(description="字段路径 · Dotted path of the field.")
    reason: WithheldReason = strawberry.field(description="原因 · Why it was withheld.")


@strawberry.type(description="凭据 · What proves this answer to somebody else.")
class Proof:
    """The sealed licence with the disclosed fields, and the hub's receipt; all of it is read off the answer."""

    sd_jwt: str = read("签章证照 · SD-JWT presentation (RFC 9901) of the disclosed fields.", "disclosed.presentation")
    record: strawberry.ID = read(
        "用证记录编号 · The access record of this read; a dispute names it.", "disclosed.entry.id"
    )
    receipt: str = read(
        "用证回执 · The hub's signature over case, requester, presentation and status.", methodcaller("receipt")
    )


@strawberry.type(description="变更记录 · One change of a licence.")
class HistoryEntry:
    """One event, with its reason opened for the issuing authority."""

    operation: str = strawberry.field(description="操作 · What was done, such as issue or suspend.")
    status: LicenceStatus = strawberry.field(description="变更后状态 · The stored status afterwards.")
    actor: str = strawberry.field(
        description="操作方 · The client that asked for it, or `staff` and the id of the person who did."
    )
    legal_basis: str = strawberry.field(description="法律依据 · On what basis.")
    reason: str | None = strawberry.field(description="原因 · Why; null if it was erased.")
    effective_at: datetime = strawberry.field(description="生效时间 · From when it holds.")
    recorded_at: datetime = strawberry.field(description="记录时间 · When the hub recorded it.")

    @classmethod
    def of(cls, event: Event) -> "HistoryEntry":
        """Show an event."""
        return cls(
            operation=event.operation,
            status=LicenceStatus(event.status),
            actor=event.actor,
            legal_basis=event.legal_basis,
            reason=event.reason,
            effective_at=event.effective_at,
            recorded_at=event.recorded_at,
        )


# Resolvers of an interface are given the value, which is an Answer and no instance of the interface's class.
def _type(root: strawberry.Parent[Answer], info: Info) -> LicenceTypeInfo:
    stored = root.disclosed.stored
    return LicenceTypeInfo.of(info.context.catalogue.type_at(stored.type_key, stored.type_version))


def _authority(root: strawberry.Parent[Answer], info: Info) -> Authority:
    return Authority.of(info.context.catalogue.authority(root.disclosed.stored.authority))


async def _status_at(
    root: strawberry.Parent[Answer],
    info: Info,
    as_of: Annotated[datetime, argument("The instant asked about.")],
    known_at: Annotated[datetime | None, argument("What was known then; null is now.")] = None,
) -> LicenceStatus | None:
    status = await to_thread.run_sync(
        info.context.licences.status_at, root.disclosed.stored.identifier, as_of, known_at
    )
    return LicenceStatus(status) if status else None


async def _qr(root: strawberry.Parent[Answer], info: Info) -> PrintedCode | None:
    code = await info.context.codes.printed.code_of(root.disclosed, info.context.pending)
    return PrintedCode(text=code.text, svg=code.svg)


async def _history(root: strawberry.Parent[Answer], info: Info) -> list[HistoryEntry] | None:
    context = info.context
    events = await context.sharing.history(context.required_caller(), root.disclosed.stored.identifier, context.pending)
    return [HistoryEntry.of(event) for event in events]


@strawberry.interface(description="证照 · What every licence has, whatever its type.")
class Licence(Node):
    """A disclosed licence."""

    identifier: str = read(
        "电子证照标识 · Identifier (GB/T 36904); the version stands inside.", "disclosed.stored.identifier"
    )
    version: int = read("版本 · The edition; renewal and change raise it.", "disclosed.stored.version")
    revision: int = read(
        "修订号 · Counts changes of this edition's state; name it when you change it.", "disclosed.stored.revision"
    )
    status: LicenceStatus = read("证照状态 · The status now.", "disclosed.status")
    number: str | None = read("证照编号 · The number printed on it.", value("number"))
    holders: list[Holder] | None = read("持证主体 · Whom it is issued to.", value("holders"))
    seal: str = read("电子印章编码 · The esID of the seal it bears (GB/T 38540).", "disclosed.stored.es_id")
    issued_on: date | None = read("发证日期 · The day of issue printed on it.", value("issuedOn"))
    valid_from: date = read("有效期自 · Its first day.", "disclosed.stored.valid_from")
    valid_until: date | None = read("有效期至 · Its last day; null is long-term.", "disclosed.stored.valid_until")
    supersedes: str | None = read(
        "原证照标识 · Identifier of the edition it took the place of.", "disclosed.stored.supersedes"
    )
    superseded_by: str | None = read(
        "新证照标识 · Identifier of the edition that took its place.", "disclosed.stored.superseded_by"
    )
    withheld: list[Withheld] = read("未提供字段 · What was wanted and not disclosed.", "disclosed.withheld")
    type: LicenceTypeInfo = strawberry.field(
        resolver=_type, description="证照类型 · The version of the licence type it was sealed under."
    )
    authority: Authority = strawberry.field(resolver=_authority, description="发证机关 · The authority that issued it.")
    status_at: LicenceStatus | None = strawberry.field(
        resolver=_status_at,
        description="某时状态 · The status as of an instant, as it was known at another; null before it was issued.",
    )
    proof: Proof = read("凭据 · What proves this answer to somebody else.", _itself)
    qr: PrintedCode | None = strawberry.field(
        resolver=_qr,
        description="证照二维码 · A code to print, for the issuing authority and for the holder himself; every one is a use of the seal on record. "
        "It shows the holder's name as the type wants it.",
    )
    history: list[HistoryEntry] | None = strawberry.field(
        resolver=_history, description="变更记录 · Every change, oldest first; for the issuing authority only."
    )


# The generated licence types join this union in each generation.
LicenceResult = Annotated[Problem, strawberry.union("LicenceResult", description="A licence, or why there is none.")]


def answer(disclosed: Disclosed, info: Info) -> Answer:
    """Give what was disclosed."""
    return Answer(disclosed, info.context)


async def own_answer(info: Info, identifier: str, wanted: Selection) -> Answer:
    """Read an own issue of the caller's authority."""
    context = info.context
    caller = context.required_caller()
    return Answer(await context.sharing.own(caller, identifier, wanted, context.pending), context)
