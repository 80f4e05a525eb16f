"""Consents in GraphQL: what a holder gives, sees and withdraws, and what a department still lacks in a case.

Decides only how it reads. Whose consent it is follows from the token alone; what may be consented to is judged in the service.
"""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.sharing.cases import CasePerson
from hub.sharing.consents import keeping
from hub.sharing.consents.service import ConsentWish
from hub.sharing.policy import APPLICANT
from schema.catalogue import Authority, LicenceTypeInfo, ServiceItem
from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import Problem


@strawberry.type(description="用证授权 · That a holder lets an authority read licences of his in one case.")
class Consent:
    """A consent."""

    kept: strawberry.Private[keeping.Consent]
    consent: strawberry.ID = strawberry.field(description="授权编号 · Its id; reads under it name it.")
    case_number: str = strawberry.field(description="办件编号 · For which case of the authority.")
    given_at: datetime = strawberry.field(description="授权时间 · When it was given.")
    expires_at: datetime = strawberry.field(description="到期时间 · Until when it holds, unless it is withdrawn.")
    withdrawn_at: datetime | None = strawberry.field(
        description="撤回时间 · When it was withdrawn, or another one for the same case took its place; null if it was not."
    )
    in_force: bool = strawberry.field(description="是否有效 · Whether licences may be read under it now.")
    record: strawberry.ID = strawberry.field(description="记录编号 · The record that says that it was given.")

    @classmethod
    def of(cls, kept: keeping.Consent, info: Info) -> "Consent":
        """Show a consent."""
        return cls(
            kept=kept, consent=strawberry.ID(kept.id), case_number=kept.terms.number, given_at=kept.given_at,
            expires_at=kept.terms.expires_at, withdrawn_at=kept.withdrawn_at,
            in_force=kept.in_force(info.context.clock.now()), record=strawberry.ID(kept.record),
        )  # fmt: skip

    @resolved("机构 · Which authority may read.")
    def authority(self, info: Info) -> Authority:
        """Name the authority in words."""
        return Authority.of(info.context.catalogue.authority(self.kept.terms.authority))

    @resolved("政务服务事项 · For which service item.")
    def service_item(self, info: Info) -> ServiceItem:
        """Name the item in words."""
        return ServiceItem.of(info.context.catalogue.item(self.kept.terms.item))

    @resolved("证照类型 · Licences of which types.")
    def types(self, info: Info) -> list[LicenceTypeInfo]:
        """Name the types in words."""
        types = info.context.catalogue.current.types
        return [LicenceTypeInfo.of(types[key][-1]) for key in self.kept.terms.types]


@strawberry.input(description="用证授权 · What you let an authority read, and for which case of it.")
class ConsentInput:
    """A wish."""

    authority: str = strawberry.field(description="机构 · The authority, by its credit code.")
    service_item: str = strawberry.field(description="事项编码 · The service item; it must be the authority's.")
    case_number: str = strawberry.field(
        description="办件编号 · The authority's case number; the case need not be opened yet."
    )
    types: list[str] = strawberry.field(description="类型键 · Licence types that ask for consent.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="到期时间 · Until when; null is for as long as a consent may last."
    )

    def wish(self) -> ConsentWish:
        """Return the wish."""
        return ConsentWish(
            self.authority, self.service_item, self.case_number, tuple(self.types), self.expires_at
        )  # fmt: skip


@strawberry.type(description="待授权 · A person of the case without whose consent nothing of his is read.")
class ConsentNeeded:
    """A consent that is missing."""

    type: LicenceTypeInfo = strawberry.field(description="证照类型 · Of which type.")
    role: str | None = strawberry.field(description="角色 · The party's role; null for the applicant.")

    @classmethod
    def of(cls, key: str, person: CasePerson, info: Info) -> "ConsentNeeded":
        """Show a missing consent."""
        type_ = LicenceTypeInfo.of(info.context.catalogue.current.types[key][-1])
        return cls(type=type_, role=None if person.role == APPLICANT else person.role)


ConsentResult = Annotated[
    Consent | Problem, strawberry.union("ConsentResult", description="A consent, or why nothing was changed.")
]


@strawberry.type
class ConsentMutation:
    """What holders do about consents; `Mutation` takes them over."""

    @resolved(
        "授权用证 · As a holder, let an authority read licences of yours in one case; it takes the place of your consent for the same case.",
        ConsentResult,
    )
    async def give_consent(
        self,
        info: Info,
        input: Annotated[ConsentInput, argument("授权 · What you consent to.")],  # noqa: A002 - GraphQL's word
    ) -> Consent | Problem:
        """Give."""
        context = info.context
        give = partial(context.sharing.consents.give, context.required_holder(), input.wish(), context.pending)
        return Consent.of(await to_thread.run_sync(give), info)

    @resolved("撤回授权 · As a holder, end a consent of yours now; what was read under it stays read.", ConsentResult)
    async def withdraw_consent(
        self, info: Info, consent: Annotated[strawberry.ID, argument("授权编号 · The consent.")]
    ) -> Consent | Problem:
        """Withdraw."""
        context = info.context
        withdraw = partial(context.sharing.consents.withdraw, context.required_holder(), str(consent))
        return Consent.of(await to_thread.run_sync(withdraw), info)
