"""Registers in GraphQL: persons and organisations inside a case, pairs compared in batches, and what sources read back.

Decides only how it reads. Whose entry is meant is said by role, or by a code in the body of the request; what leaves is judged in the
services. Answers of `matchIdentity` are one word a pair, in the order asked, and nothing else.
"""

from datetime import datetime
from typing import Annotated

import strawberry

from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION
from hub.limits import LARGEST_LIST
from hub.sharing.matching import Claimed
from hub.sharing.reading import OpenCase
from hub.sharing.register_disclosure import DisclosedEntry
from hub.sharing.register_reading import Whom
from schema.catalogue import Authority
from schema.context import Info
from schema.enums import WithheldReason
from schema.fields import argument, resolved, selected
from schema.licences import Withheld
from schema.problems import Problem
from schema.register_enums import IdentityMatch, OrganisationKind, OrganisationStatus, PersonStatus, Register

_ROLE = "角色 · The party's role; null is the applicant, or anybody of the case whose code this is."


@strawberry.type(description="数据来源 · Whose word an answer is, as of when, and how old it is.")
class RegisterSource:
    """The source of an entry."""

    shown: strawberry.Private[DisclosedEntry]
    as_of: datetime = strawberry.field(description="数据时间 · The time for which the source said so.")
    arrived_at: datetime = strawberry.field(description="入库时间 · When the hub was told.")
    age_seconds: int = strawberry.field(
        description="数据时效 · How many seconds before this answer the as-of time lay."
    )
    edition: int = strawberry.field(description="版本 · Counts the changes of the entry.")
    record: strawberry.ID = strawberry.field(description="记录编号 · The access record of this answer.")

    @classmethod
    def of(cls, shown: DisclosedEntry) -> "RegisterSource":
        """Show a source."""
        return cls(
            shown=shown, as_of=shown.as_of, arrived_at=shown.arrived_at, age_seconds=int(shown.age.total_seconds()),
            edition=shown.edition, record=strawberry.ID(shown.record.id),
        )  # fmt: skip

    @resolved("来源机构 · The source authority.")
    def authority(self, info: Info) -> Authority:
        """Name the authority in words."""
        return Authority.of(info.context.catalogue.authority(self.shown.authority))


def _withheld(shown: DisclosedEntry) -> list[Withheld]:
    return [Withheld(path=each.path, reason=WithheldReason(each.reason.value)) for each in shown.withheld]


@strawberry.type(
    description="自然人基础信息 · What the register of natural persons says; fields that are not granted are null."
)
class NaturalPerson:
    """An entry of the register of natural persons."""

    number: str | None = strawberry.field(description="公民身份号码 · The citizen number (GB 11643).")
    name: str | None = strawberry.field(description="姓名 · The name.")
    status: PersonStatus | None = strawberry.field(description="状态 · What the source knows of the person.")
    withheld: list[Withheld] = strawberry.field(description="未提供字段 · What was wanted and not disclosed.")
    source: RegisterSource = strawberry.field(description="数据来源 · Whose word it is, as of when.")

    @classmethod
    def of(cls, shown: DisclosedEntry) -> "NaturalPerson":
        """Show an entry."""
        said = shown.values
        return cls(
            number=said.get("number"), name=said.get("name"),
            status=PersonStatus(said["status"]) if "status" in said else None,
            withheld=_withheld(shown), source=RegisterSource.of(shown),
        )  # fmt: skip


@strawberry.type(
    description="法人和其他组织基础信息 · What the register of organisations says; fields that are not granted are null."
)
class Organisation:
    """An entry of the register of organisations."""

    credit_code: str | None = strawberry.field(description="统一社会信用代码 · The credit code (GB 32100).")
    name: str | None = strawberry.field(description="名称 · The name.")
    kind: OrganisationKind | None = strawberry.field(description="机构类型 · What it is.")
    status: OrganisationStatus | None = strawberry.field(description="登记状态 · What the source knows of it.")
    legal_representative: str | None = strawberry.field(description="法定代表人 · The legal representative's name.")
    address: str | None = strawberry.field(description="住所 · Its seat.")
    scope: str | None = strawberry.field(description="经营（业务）范围 · What it may do.")
    withheld: list[Withheld] = strawberry.field(description="未提供字段 · What was wanted and not disclosed.")
    source: RegisterSource = strawberry.field(description="数据来源 · Whose word it is, as of when.")

    @classmethod
    def of(cls, shown: DisclosedEntry) -> "Organisation":
        """Show an entry."""
        said = shown.values
        return cls(
            credit_code=said.get("creditCode"), name=said.get("name"),
            kind=OrganisationKind(said["kind"]) if "kind" in said else None,
            status=OrganisationStatus(said["status"]) if "status" in said else None,
            legal_representative=said.get("legalRepresentative"), address=said.get("address"), scope=said.get("scope"),
            withheld=_withheld(shown), source=RegisterSource.of(shown),
        )  # fmt: skip


NaturalPersonResult = Annotated[
    NaturalPerson | Problem, strawberry.union("NaturalPersonResult", description="A person, or why there is none.")
]
OrganisationResult = Annotated[
    Organisation | Problem,
    strawberry.union("OrganisationResult", description="An organisation, or why there is none."),
]


@strawberry.type
class CaseIdentities:
    """Reads of registers in a case; `Case` takes them over."""

    opened: strawberry.Private[OpenCase]

    @resolved(
        "自然人 · What the register of natural persons says of the applicant, or of a declared party.",
        NaturalPersonResult,
    )
    async def person(
        self,
        info: Info,
        role: Annotated[str | None, argument(_ROLE)] = None,
        number: Annotated[
            str | None, argument("公民身份号码 · Which one, where several parties have the role.")
        ] = None,
    ) -> NaturalPerson | Problem:
        """Read a person."""
        return NaturalPerson.of(await _in_case(self.opened, info, NATURAL_PERSON, Whom(role, number)))

    @resolved(
        "法人和其他组织 · What the register of organisations says of the applicant, or of a declared party.",
        OrganisationResult,
    )
    async def organisation(
        self,
        info: Info,
        role: Annotated[str | None, argument(_ROLE)] = None,
        credit_code: Annotated[
            str | None, argument("统一社会信用代码 · Which one, where several have the role.")
        ] = None,
    ) -> Organisation | Problem:
        """Read an organisation."""
        return Organisation.of(await _in_case(self.opened, info, ORGANISATION, Whom(role, credit_code)))


async def _in_case(opened: OpenCase, info: Info, register: str, whom: Whom) -> DisclosedEntry:
    wanted, registers = selected(info).names(register), info.context.sharing.registers
    return await registers.of_case(opened, register, whom, wanted, info.context.pending)


@strawberry.input(description="比对项 · A code and the name that is said to belong to it.")
class IdentityPairInput:
    """A pair."""

    code: str = strawberry.field(description="代码 · Citizen number or credit code.")
    name: str = strawberry.field(description="姓名或名称 · The name.")

    def claimed(self) -> Claimed:
        """Return the pair."""
        return Claimed(self.code, self.name)


@strawberry.input(description="身份比对 · Which pairs are compared with which register, for which item, on what basis.")
class MatchIdentityInput:
    """A batch."""

    register: Register = strawberry.field(description="基础库 · The register.")
    service_item: str = strawberry.field(description="事项编码 · The service item's code; it must be your authority's.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis; names no person.")
    pairs: list[IdentityPairInput] = strawberry.field(description=f"比对项 · 1 to {LARGEST_LIST} pairs.")


@strawberry.type(description="比对结果 · One word for each pair, in the order asked.")
class IdentityMatches:
    """What came of a batch."""

    results: list[IdentityMatch] = strawberry.field(description="结果 · One word for each pair, in the order asked.")


MatchIdentityResult = Annotated[
    IdentityMatches | Problem,
    strawberry.union("MatchIdentityResult", description="What came of the pairs, or why none was compared."),
]


@strawberry.type
class IdentityQuery:
    """Reads of registers outside a case; `Query` takes them over."""

    @resolved(
        f"身份比对 · Whether codes and names belong together, up to {LARGEST_LIST} pairs; with the scope identity:match.",
        MatchIdentityResult,
    )
    async def match_identity(
        self,
        info: Info,
        input: Annotated[MatchIdentityInput, argument("身份比对 · The pairs.")],  # noqa: A002 - GraphQL's word
    ) -> IdentityMatches | Problem:
        """Compare pairs."""
        context = info.context
        found = await context.sharing.matching.match(
            context.required_caller(), input.register.value, input.service_item, input.legal_basis,
            [each.claimed() for each in input.pairs], context.pending,
        )  # fmt: skip
        return IdentityMatches(results=[IdentityMatch(each.value) for each in found])

    @resolved(
        "本机关提供 · What your own authority said of a person; with the scope register:feed.", NaturalPersonResult
    )
    async def fed_person(
        self, info: Info, number: Annotated[str, argument("公民身份号码 · The citizen number.")]
    ) -> NaturalPerson | Problem:
        """Read back a person."""
        return NaturalPerson.of(await _own(info, NATURAL_PERSON, number))

    @resolved(
        "本机关提供 · What your own authority said of an organisation; with the scope register:feed.",
        OrganisationResult,
    )
    async def fed_organisation(
        self, info: Info, credit_code: Annotated[str, argument("统一社会信用代码 · The credit code.")]
    ) -> Organisation | Problem:
        """Read back an organisation."""
        return Organisation.of(await _own(info, ORGANISATION, credit_code))


async def _own(info: Info, register: str, code: str) -> DisclosedEntry:
    context, wanted = info.context, selected(info).names(register)
    return await context.sharing.registers.own(context.required_caller(), register, code, wanted, context.pending)
