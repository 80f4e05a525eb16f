"""Reads on record in GraphQL: by whom, for which case, when, which fields, allowed or not and why.

Decides only how it reads; which reads somebody is shown is decided in hub.sharing.
"""

from collections.abc import Iterable
from datetime import datetime

import strawberry
from anyio import to_thread

from hub.catalogue.licence_type import LicenceType
from hub.catalogue.registers import REGISTERS, Register
from hub.sharing import accesses
from schema.catalogue import Authority, LicenceTypeInfo, ServiceItem
from schema.context import Info
from schema.enums import AccessOutcome, WithheldReason
from schema.fields import resolved
from schema.form_enums import PartyEvidence
from schema.licences import Withheld
from schema.problems import BilingualText, Problem
from schema.proofs import InclusionProof, InclusionResult


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

    presentation: strawberry.ID | None = strawberry.field(
        description="亮证编号 · The presentation by which he showed it at a counter; null if it was read otherwise."
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
            checked=seen.checked, presentation=strawberry.ID(seen.presentation) if seen.presentation else None,
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


def field_title(info: Info, type_key: str, path: str) -> BilingualText:
    """Return what the newest version of a type that has a field calls it."""
    return _title(info.context.catalogue.current.types.get(type_key, ()), path)


def _title(versions: Iterable[LicenceType | Register], path: str) -> BilingualText:
    """Return what the newest version that has a field calls it."""
    for each in reversed(tuple(versions)):
        if path in each.by_path or (isinstance(each, LicenceType) and path in each.labels):
            return BilingualText(zh=each.title(path, "zh"), en=each.title(path, "en"))
    return BilingualText(zh=path, en=path)
