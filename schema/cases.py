"""A case: the purpose to which every read by a department is bound, and the licences it reaches."""

from datetime import datetime
from typing import Annotated, cast

import strawberry

from hub.limits import LARGEST_LIST
from hub.paging import Window
from hub.sharing.purpose import EmbargoWish, Party, Person, Purpose
from hub.sharing.reading import LicenceKey, OpenCase
from schema.catalogue import LicenceTypeInfo
from schema.consents import ConsentNeeded
from schema.context import Info
from schema.enums import LicenceStatus
from schema.fields import argument, resolved, selected
from schema.forms import CaseForms
from schema.identities import CaseIdentities
from schema.licences import Answer, Licence, LicenceResult
from schema.materials import CaseMaterials
from schema.problems import Problem, each_answered
from schema.relay import NODE_ID, After, Before, Connection, First, Last, Node


@strawberry.input(description="自然人或组织 · A person or organisation, by code type and code.")
class PersonInput:
    """A person."""

    code_type: str = strawberry.field(description="证件类型代码 · Three-digit holder code type, such as 001 or 111.")
    code: str = strawberry.field(description="证件号码 · The code of that type.")


@strawberry.input(description="办件相关人 · A declared party of the case, such as spouse or seller.")
class PartyInput(PersonInput):
    """A party."""

    role: str = strawberry.field(description="角色 · The party's role in the case.")


@strawberry.input(
    description="暂缓告知 · Until when reads of the case are not shown to the persons they are about, and why."
)
class EmbargoInput:
    """An embargo."""

    until: datetime = strawberry.field(description="解除时间 · The release date.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis; names no person.")


@strawberry.input(description="办件 · Why licences are read: item, case, applicant, declared parties and legal basis.")
class CaseInput:
    """A purpose."""

    service_item: str = strawberry.field(description="事项编码 · The service item's code; it must be your authority's.")
    case_number: str = strawberry.field(description="办件编号 · Your case number, without personal data.")
    applicant: PersonInput = strawberry.field(description="申请人 · Whose case it is, for ever.")
    parties: list[PartyInput] | None = strawberry.field(default=None, description="相关人 · Declared parties.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis the licences are read.")
    embargo: EmbargoInput | None = strawberry.field(
        default=None,
        description="暂缓告知 · Reads are shown to the persons they are about later; at the first opening, with the scope case:embargo.",
    )

    def purpose(self) -> Purpose:
        """Return the purpose that this declares."""
        applicant = Person(self.applicant.code_type, self.applicant.code)
        parties = tuple([Party(each.role, each.code_type, each.code) for each in self.parties]) if self.parties else ()
        embargo = EmbargoWish(self.embargo.until, self.embargo.legal_basis) if self.embargo else None
        return Purpose(self.service_item, self.case_number, applicant, parties, self.legal_basis, embargo)


@strawberry.input(
    name="LicenceKey", description="证照线索 · Names one licence: its type, and its number or identifier."
)
class LicenceKeyInput:
    """A key."""

    type: str = strawberry.field(description="类型键 · The licence type's key, such as BusinessLicence.")
    number: str | None = strawberry.field(default=None, description="证照编号 · The number printed on it.")
    identifier: str | None = strawberry.field(default=None, description="电子证照标识 · Its identifier.")

    def key(self) -> LicenceKey:
        """Return the key."""
        return LicenceKey(self.type, self.number, self.identifier)


# Made when it is asked for, which is seldom.
def _id(root: strawberry.Parent["Case"], info: Info) -> strawberry.ID:
    return strawberry.ID(info.context.sharing.case_id(root.opened))


@strawberry.type(description="办件 · An open case.")
class Case(CaseForms, CaseIdentities, CaseMaterials, Node):
    """An open case, for this request."""

    opened: strawberry.Private[OpenCase]
    id: strawberry.ID = strawberry.field(resolver=_id, description=NODE_ID)
    service_item: str = strawberry.field(description="事项编码 · The service item's code.")
    case_number: str = strawberry.field(description="办件编号 · Your case number.")

    @resolved("已授权类型 · The licence types of which this case may read anything now.")
    def granted_types(self, info: Info) -> list[LicenceTypeInfo]:
        """List what is granted."""
        types = info.context.catalogue.current.types  # retired ones too: their licences stay readable
        return [LicenceTypeInfo.of(types[key][-1]) for key in self.opened.granted_types]

    @resolved("待授权 · Who of the case has not consented to reads of granted types that ask for consent.")
    async def consents_needed(self, info: Info) -> list[ConsentNeeded]:
        """List what consents are missing."""
        missing = await self.opened.consents_needed(info.context.pending)
        return [ConsentNeeded.of(key, person, info) for key, persons in missing.items() for person in persons]

    @classmethod
    def of(cls, opened: OpenCase) -> "Case":
        """Show an open case."""
        return cls(opened=opened, service_item=opened.item, case_number=opened.number)

    @resolved(
        "按编号或标识查证照 · One licence of the applicant or of a reachable party; the newest edition.",
        LicenceResult,
    )
    async def licence(
        self,
        info: Info,
        type_: Annotated[str, argument("类型键 · The licence type's key.", "type")],
        number: Annotated[str | None, argument("证照编号 · The number printed on it.")] = None,
        identifier: Annotated[str | None, argument("电子证照标识 · Its identifier.")] = None,
    ) -> Answer | Problem:
        """Read one licence."""
        context, key, wanted = info.context, LicenceKey(type_, number, identifier), selected(info).of(type_)
        return Answer(await self.opened.licence(key, wanted, context.pending), context)

    @resolved("列出证照 · Licences of the applicant and of reachable parties; without SUPERSEDED unless asked.")
    async def licences(
        self,
        info: Info,
        types: Annotated[list[str] | None, argument("类型键 · Only these types; null is all granted.")] = None,
        statuses: Annotated[list[LicenceStatus] | None, argument("证照状态 · Only these statuses.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Licence] | None:
        """Read a page of licences."""
        window = Window(first, after, last, before)
        wanted = selected(info, "edges", "node")
        asked = frozenset(status.value for status in statuses) if statuses is not None else None
        page = await self.opened.licences(types, asked, window, wanted, info.context.pending)
        return Connection[Licence].of(page, lambda one: cast("Licence", Answer(one, info.context)))

    @resolved(
        f"批量查证照 · Up to {LARGEST_LIST} licences, each answered or refused on its own, in the order asked.",
        list[LicenceResult] | None,
    )
    async def licence_batch(
        self, info: Info, keys: Annotated[list[LicenceKeyInput], argument("证照线索 · Which licences.")]
    ) -> list[Answer | Problem]:
        """Read many licences at once."""
        context, wanted = info.context, selected(info)

        async def read(key: LicenceKey) -> Answer:
            return Answer(await self.opened.licence(key, wanted.of(key.type_key), context.pending), context)

        return await each_answered([read(each.key()) for each in keys])


CaseResult = Annotated[
    Case | Problem, strawberry.union("CaseResult", description="An open case, or why there is none.")
]
