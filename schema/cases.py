"""A case: the purpose to which every read by a department is bound, and the licences it reaches."""

from typing import Annotated, cast

import strawberry

from hub.errors import InputInvalidError
from hub.sharing.purpose import Party, Person, Purpose
from hub.sharing.reading import LicenceKey, OpenCase, Page
from schema.catalogue import LicenceTypeInfo
from schema.context import Info
from schema.enums import LicenceStatus
from schema.fields import argument, resolved, selected
from schema.licences import Answer, Licence, LicenceResult, answer
from schema.limits import LARGEST_BATCH, LARGEST_PAGE
from schema.problems import Problem, each_answered
from schema.selection import Selection


@strawberry.input(description="自然人或组织 · A person or organisation, by code type and code.")
class PersonInput:
    """A person."""

    code_type: str = strawberry.field(description="证件类型代码 · Three-digit holder code type, such as 001 or 111.")
    code: str = strawberry.field(description="证件号码 · The code of that type.")


@strawberry.input(description="办件相关人 · A declared party of the case, such as spouse or seller.")
class PartyInput(PersonInput):
    """A party."""

    role: str = strawberry.field(description="角色 · The party's role in the case.")


@strawberry.input(description="办件 · Why licences are read: item, case, applicant, declared parties and legal basis.")
class CaseInput:
    """A purpose."""

    service_item: str = strawberry.field(description="事项编码 · The service item's code; it must be your authority's.")
    case_number: str = strawberry.field(description="办件编号 · Your case number, without personal data.")
    applicant: PersonInput = strawberry.field(description="申请人 · Whose case it is, for ever.")
    parties: list[PartyInput] | None = strawberry.field(default=None, description="相关人 · Declared parties.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis the licences are read.")

    def purpose(self) -> Purpose:
        """Return the purpose that this declares."""
        applicant = Person(self.applicant.code_type, self.applicant.code)
        parties = tuple(Party(each.role, each.code_type, each.code) for each in self.parties or ())
        return Purpose(self.service_item, self.case_number, applicant, parties, self.legal_basis)


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


@strawberry.type(description="分页信息 · Where a page ends.")
class PageInfo:
    """The end of a page."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` to go on; opaque.")


@strawberry.type(description="一项 · A licence and its place in the list.")
class LicenceEdge:
    """A licence in a list."""

    cursor: str = strawberry.field(description="Give it as `after` to go on behind this licence; opaque.")
    node: Licence = strawberry.field(description="The licence.")


@strawberry.type(description="证照列表 · Licences of the applicant and of reachable parties, in a stable order.")
class LicenceConnection:
    """A page of licences."""

    edges: list[LicenceEdge] = strawberry.field(description="The licences of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page ends.")


@strawberry.type(description="办件 · An open case.")
class Case:
    """An open case, for this request."""

    opened: strawberry.Private[OpenCase]
    id: strawberry.ID = strawberry.field(description="Opaque id of the case.")
    service_item: str = strawberry.field(description="事项编码 · The service item's code.")
    case_number: str = strawberry.field(description="办件编号 · Your case number.")

    @resolved("已授权类型 · The licence types of which this case may read anything now.")
    def granted_types(self, info: Info) -> list[LicenceTypeInfo]:
        """List what is granted."""
        return [LicenceTypeInfo.of(info.context.catalogue.type(key)) for key in self.opened.granted_types]

    @classmethod
    def of(cls, opened: OpenCase) -> "Case":
        """Show an open case."""
        return cls(opened=opened, id=strawberry.ID(opened.id), service_item=opened.item, case_number=opened.number)

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
        return await _read(self.opened, info, LicenceKey(type_, number, identifier), selected(info))

    @resolved("列出证照 · Licences of the applicant and of reachable parties; without SUPERSEDED unless asked.")
    async def licences(
        self,
        info: Info,
        types: Annotated[list[str] | None, argument("类型键 · Only these types; null is all granted.")] = None,
        statuses: Annotated[list[LicenceStatus] | None, argument("证照状态 · Only these statuses.")] = None,
        first: Annotated[int, argument(f"How many at most, 1 to {LARGEST_PAGE}.")] = 20,
        after: Annotated[str | None, argument("The cursor to go on behind.")] = None,
    ) -> LicenceConnection | None:
        """Read a page of licences."""
        if not 1 <= first <= LARGEST_PAGE:
            raise InputInvalidError(f"first must be 1 to {LARGEST_PAGE}.")
        wanted = selected(info, "edges", "node")
        asked = frozenset(status.value for status in statuses) if statuses is not None else None
        page = await self.opened.licences(types, asked, first, after, wanted, info.context.pending)
        return _connection(page, info)

    @resolved(
        f"批量查证照 · Up to {LARGEST_BATCH} licences, each answered or refused on its own, in the order asked.",
        list[LicenceResult] | None,
    )
    async def licence_batch(
        self, info: Info, keys: Annotated[list[LicenceKeyInput], argument("证照线索 · Which licences.")]
    ) -> list[Answer | Problem]:
        """Read many licences at once."""
        if len(keys) > LARGEST_BATCH:
            raise InputInvalidError(f"A batch has at most {LARGEST_BATCH} keys.")
        wanted = selected(info)
        return await each_answered([_read(self.opened, info, each.key(), wanted) for each in keys])


async def _read(opened: OpenCase, info: Info, key: LicenceKey, wanted: Selection) -> Answer:
    return answer(await opened.licence(key, wanted.of(key.type_key), info.context.pending), info)


def _connection(page: Page, info: Info) -> LicenceConnection:
    found = zip(page.cursors, page.items, strict=True)
    edges = [LicenceEdge(cursor=cursor, node=cast("Licence", answer(one, info))) for cursor, one in found]
    end = page.cursors[-1] if page.cursors else None
    return LicenceConnection(edges=edges, page_info=PageInfo(has_next_page=page.has_next, end_cursor=end))


CaseResult = Annotated[
    Case | Problem, strawberry.union("CaseResult", description="An open case, or why there is none.")
]
