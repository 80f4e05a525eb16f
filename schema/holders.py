"""What holders ask in GraphQL: their licences, and who read what of them.

Decides only how it reads. Whose it is follows from the token alone: no argument names a person, and no cursor or id tells one. Reads by
others of the same licence are not his; what the service leaves out is left out here uncounted.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, cast

import strawberry
from anyio import to_thread

from hub.access.holders.caller import HolderCaller
from hub.catalogue.licence_type import LicenceType
from hub.catalogue.registers import REGISTERS, Register
from hub.paging import Window
from hub.sharing import accesses
from schema.catalogue import Authority, LicenceTypeInfo, ServiceItem
from schema.consents import Consent
from schema.context import Info
from schema.disputes import Dispute
from schema.enums import AccessOutcome, LicenceStatus, WithheldReason
from schema.fields import argument, resolved, selected
from schema.form_enums import PartyEvidence
from schema.licences import Licence, Withheld, answer
from schema.problems import BilingualText, Problem
from schema.proofs import InclusionProof, InclusionResult
from schema.relay import After, Before, Connection, First, Last


@strawberry.type(description="已提供字段 · A field that was disclosed.")
class AccessField:
    """A field, in words."""

    path: str = strawberry.field(description="字段路径 · Dotted path of the field.")
    title: BilingualText = strawberry.field(description="字段名称 · What the licence calls it.")


@strawberry.type(
    description="暂缓告知 · That a read was shown to its person later, until when, and on which legal basis."
)
class EmbargoNotice:
    """An embargo that is over."""

    until: datetime = strawberry.field(description="解除时间 · Until when the read was kept back.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis.")


@strawberry.type(description="相关人关系 · As what the person was a party of the case.")
class AccessRelation:
    """A relation."""

    role: str = strawberry.field(description="角色 · The role that the authority declared.")
    evidence: PartyEvidence = strawberry.field(description="关系依据 · How it was known.")


@strawberry.type(description="用证记录 · A read on record: who read what, for which case, when, allowed or not.")
class Access:
    """A read."""

    seen: strawberry.Private[accesses.Access]
    record: strawberry.ID = strawberry.field(
        description="记录编号 · The access record's id, which a receipt names too."
    )
    at: datetime = strawberry.field(description="时间 · When.")
    outcome: AccessOutcome = strawberry.field(description="结果 · How it ended.")
    reason: str | None = strawberry.field(
        description="原因代码 · The code of a refusal, such as NOT_GRANTED; null if none."
    )
    case_number: str | None = strawberry.field(
        description="办件编号 · The authority's case number; null if it was read in no case."
    )
    licence: str | None = strawberry.field(
        description="电子证照标识 · Identifier of the licence that was read; null if nothing was disclosed."
    )
    legal_basis: str | None = strawberry.field(description="法律依据 · The legal basis that the authority declared.")
    receipt: bool = strawberry.field(description="是否出具回执 · Whether the hub signed a receipt of it.")
    withheld: list[Withheld] = strawberry.field(
        description="未提供字段 · What was asked for and not disclosed, and why."
    )
    consents: list[strawberry.ID] = strawberry.field(
        description="用证授权 · The consents it was read under, by their ids; none where the type asks for none."
    )
    official_duty: bool = strawberry.field(
        description="依职权 · Whether the type asks for consent and it was read without, by official duty."
    )
    embargo: EmbargoNotice | None = strawberry.field(
        description="暂缓告知 · If it was kept back before; null if it was not."
    )

    relations: list[AccessRelation] = strawberry.field(
        description="相关人关系 · As what the person was a party of the case; of a check, the relation that was checked."
    )
    judged: list[str] = strawberry.field(
        description="条件核验 · Names of the item's requirements that were answered of it, without disclosing the field."
    )
    checked: bool = strawberry.field(
        description="是否核验关系 · Whether it was a check of a relation: licences were looked into, and nothing was disclosed."
    )

    compared: bool = strawberry.field(
        description="是否身份比对 · Whether his code and name were compared with a register, and nothing was disclosed."
    )

    @classmethod
    def of(cls, seen: accesses.Access) -> "Access":
        """Show a read."""
        embargo, until = seen.embargo, seen.embargo and seen.embargo.until
        notice = EmbargoNotice(until=until, legal_basis=embargo.legal_basis) if embargo and until else None
        return cls(
            seen=seen, record=strawberry.ID(seen.record), at=seen.at, outcome=AccessOutcome(seen.outcome),
            reason=seen.reason, case_number=seen.case_number, licence=seen.licence, legal_basis=seen.legal_basis,
            receipt=seen.receipt, embargo=notice, compared=seen.compared, consents=[strawberry.ID(each) for each in seen.consents],
            official_duty=seen.official_duty,
            withheld=[Withheld(path=path, reason=WithheldReason(why)) for path, why in seen.withheld],
            relations=[AccessRelation(role=role, evidence=PartyEvidence(how)) for role, how in seen.relations],
            checked=seen.checked,
            judged=list(seen.judged),
        )  # fmt: skip

    @resolved("机构 · The authority that read it; null if the holder did so himself.")
    def authority(self, info: Info) -> Authority | None:
        """Name the authority in words."""
        code = self.seen.authority
        return Authority.of(info.context.catalogue.authority(code)) if code else None

    @resolved("政务服务事项 · The service item of the case; null if it was read in no case.")
    def service_item(self, info: Info) -> ServiceItem | None:
        """Name the item in words."""
        return ServiceItem.of(info.context.catalogue.item(self.seen.item)) if self.seen.item else None

    @resolved("证照类型 · The newest version of the licence's type; null if no type was asked for.")
    def type(self, info: Info) -> LicenceTypeInfo | None:
        """Name the type in words."""
        versions = self._versions(info)
        return LicenceTypeInfo.of(versions[-1]) if versions else None

    @resolved("基础库 · The register that was read, or compared with; null if it was a licence.")
    def register(self) -> BilingualText | None:
        """Name the register in words."""
        register = REGISTERS.get(self.seen.type_key or "")
        return BilingualText(zh=register.name.zh, en=register.name.en) if register else None

    @resolved("已提供字段 · The fields that were disclosed, in the order of the licence or the register.")
    def disclosed(self, info: Info) -> list[AccessField]:
        """Name the fields in words."""
        register = REGISTERS.get(self.seen.type_key or "")
        known = (register,) if register else self._versions(info)
        return [AccessField(path=path, title=_title(known, path)) for path in self.seen.disclosed]

    @resolved(
        "存证证明 · That the record of it is in the transparency log, with the record itself. LOG_NOT_INTEGRATED: ask again in two seconds.",
        InclusionResult,
    )
    async def inclusion(self, info: Info) -> InclusionProof | Problem:
        """Prove the record."""
        prove = info.context.sharing.proofs.of_shown
        return InclusionProof.of(await to_thread.run_sync(prove, self.seen.record))

    def _versions(self, info: Info) -> tuple[LicenceType, ...]:
        return info.context.catalogue.current.types.get(self.seen.type_key or "", ())


def _title(versions: Iterable[LicenceType | Register], path: str) -> BilingualText:
    """Return what the newest version that has a field calls it."""
    for each in reversed(tuple(versions)):
        if path in each.by_path or (isinstance(each, LicenceType) and path in each.labels):
            return BilingualText(zh=each.title(path, "zh"), en=each.title(path, "en"))
    return BilingualText(zh=path, en=path)


@strawberry.type(description="持证主体本人 · What the holder who is signed in sees of himself.")
class HolderView:
    """A holder's own view."""

    holder: strawberry.Private[HolderCaller]
    complete_to: datetime = strawberry.field(
        description="完整截至 · Up to this moment no read is missing. Later ones may be kept back under an embargo; it is the same moment for everybody."
    )

    @resolved("我的证照 · His licences by type, without SUPERSEDED unless asked; others' parts of them stay hidden.")
    async def licences(
        self,
        info: Info,
        types: Annotated[list[str] | None, argument("类型键 · Only these types; null is all.")] = None,
        statuses: Annotated[list[LicenceStatus] | None, argument("证照状态 · Only these statuses.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Licence] | None:
        """Read a page of licences."""
        window, wanted = Window(first, after, last, before), selected(info, "edges", "node")
        asked = frozenset(status.value for status in statuses) if statuses is not None else None
        holders, pending = info.context.sharing.holders, info.context.pending
        page = await holders.licences(self.holder, types, asked, window, wanted, pending)
        return Connection[Licence].of(page, lambda one: cast("Licence", answer(one, info)))

    @resolved(
        "谁用过我的证照 · Every read of what is his, the newest first: by whom, for which case, when, and what came of it."
    )
    async def accesses(
        self,
        info: Info,
        own: Annotated[bool, argument("含本人查看 · What he read himself, too.")] = True,  # noqa: FBT002 - GraphQL names it
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Access] | None:
        """Read a page of reads."""
        window, holders = Window(first, after, last, before), info.context.sharing.holders
        page = await holders.accesses(self.holder, window, info.context.pending, own=own)
        return Connection[Access].of(page, Access.of)

    @resolved("我的授权 · The consents that he gave, the newest first, those that are over too.")
    async def consents(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Consent] | None:
        """Read a page of consents."""
        window, look = Window(first, after, last, before), info.context.sharing.consents.consents
        page = await to_thread.run_sync(look, self.holder, window)
        return Connection[Consent].of(page, lambda one: Consent.of(one, info))

    @resolved("数据异议 · Disputes about his data, by himself or on his behalf, with their answers, the oldest first.")
    async def disputes(self, info: Info) -> list[Dispute]:
        """List the disputes."""
        own = info.context.sharing.forms.desk.own
        return [Dispute.of(each) for each in await to_thread.run_sync(own, self.holder, info.context.pending)]


HolderResult = Annotated[
    HolderView | Problem, strawberry.union("HolderViewResult", description="A holder's own view, or why there is none.")
]


@strawberry.type
class HolderQuery:
    """Reads of holders; `Query` takes them over."""

    @resolved("持证主体本人 · What the holder sees whose token of the identity platform is shown.", HolderResult)
    async def holder(self, info: Info) -> HolderView | Problem:
        """Show a holder what is his."""
        context = info.context
        return HolderView(holder=context.required_holder(), complete_to=context.sharing.holders.complete_to)
