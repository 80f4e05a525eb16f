"""Presentations in GraphQL, as holders know them: what may be shown to whom, the code, and what became of it.

Decides only how it reads. Whose licences they are follows from the token alone; what may be shown is judged in the service. The code is in the answer
to the mutation that makes it, and nowhere else.
"""

from datetime import datetime
from functools import partial
from typing import Annotated, cast

import strawberry
from anyio import to_thread

from hub.access.holders.caller import HolderCaller
from hub.counters import qr_code
from hub.counters.presentations.making import PresentationWish
from hub.counters.presentations.presentation import Presentation as Kept
from hub.counters.presentations.presentation import State
from hub.errors import InputInvalidError
from hub.limits import LARGEST_LIST
from hub.sharing.presenting import Choice, Chosen, Offered
from schema.accesses import Access, AccessField, field_title
from schema.catalogue import Authority, LicenceTypeInfo, ServiceItem
from schema.context import Info
from schema.fields import argument, resolved
from schema.licences import Licence, answer
from schema.presentation_enums import PresentationState
from schema.problems import BilingualText, Problem

_MOST_FIELDS = f"no more than {LARGEST_LIST}"


@strawberry.type(description="可出示字段 · A field that the authority is granted for the item.")
class PresentableField:
    """A field that may be shown."""

    path: str = strawberry.field(description="字段路径 · Dotted path of the field.")
    title: BilingualText = strawberry.field(description="字段名称 · What the licence calls it.")
    checked_only: bool = strawberry.field(
        description="仅核验 · Whether only the item's requirements are answered of it, and its value is not disclosed."
    )


@strawberry.type(description="可出示证照 · A licence of the holder's that the authority is granted for the item.")
class PresentableLicence:
    """A licence that may be shown."""

    licence: Licence = strawberry.field(description="证照 · The licence, as he sees it himself.")
    fields: list[PresentableField] = strawberry.field(description="可出示字段 · What of it may be shown there.")

    @classmethod
    def of(cls, one: Offered, info: Info) -> "PresentableLicence":
        """Show a licence that may be chosen."""
        key = one.licence.stored.type_key
        paths = [*((path, False) for path in one.disclosed), *((path, True) for path in one.judged)]
        fields = [
            PresentableField(path=path, title=field_title(info, key, path), checked_only=only) for path, only in paths
        ]
        return cls(licence=cast("Licence", answer(one.licence, info)), fields=fields)


@strawberry.type(description="亮证选择 · Who asks, for what, and what may be shown: read it before you confirm.")
class Presentable:
    """What may be shown to whom."""

    authority: Authority = strawberry.field(description="机构 · The authority that asks.")
    service_item: ServiceItem = strawberry.field(description="政务服务事项 · For which service item.")
    licences: list[PresentableLicence] = strawberry.field(
        description="可出示证照 · The holder's licences of which the authority may read something for it, by type."
    )


@strawberry.type(description="出示内容 · A licence that was chosen, and what of it.")
class ChosenLicence:
    """A chosen licence."""

    chosen: strawberry.Private[Chosen]
    identifier: str = strawberry.field(description="电子证照标识 · Its identifier.")

    @classmethod
    def of(cls, chosen: Chosen) -> "ChosenLicence":
        """Show a choice."""
        return cls(chosen=chosen, identifier=chosen.identifier)

    @resolved("证照类型 · Its type.")
    def type(self, info: Info) -> LicenceTypeInfo:
        """Name the type in words."""
        return LicenceTypeInfo.of(info.context.catalogue.current.types[self.chosen.type_key][-1])

    @resolved("所选字段 · The chosen fields.")
    def fields(self, info: Info) -> list[AccessField]:
        """Name the fields in words."""
        paths = sorted(self.chosen.paths)
        return [AccessField(path=path, title=field_title(info, self.chosen.type_key, path)) for path in paths]


@strawberry.type(description="亮证 · What a holder has chosen to show to an authority, and what became of it.")
class Presentation:
    """A presentation."""

    holder: strawberry.Private[HolderCaller]
    kept: strawberry.Private[Kept]
    presentation: strawberry.ID = strawberry.field(description="亮证编号 · Its id; reads by it name it.")
    state: PresentationState = strawberry.field(description="状态 · What became of it.")
    made_at: datetime = strawberry.field(description="生成时间 · When the code was made.")
    expires_at: datetime = strawberry.field(description="失效时间 · Until when it is good.")
    redeemed_at: datetime | None = strawberry.field(
        description="核销时间 · When a counter redeemed it; null if none did."
    )
    cancelled_at: datetime | None = strawberry.field(
        description="取消时间 · When its holder cancelled it; null if he did not."
    )
    chosen: list[ChosenLicence] = strawberry.field(description="出示内容 · What he chose.")

    @classmethod
    def of(cls, holder: HolderCaller, one: Kept, info: Info) -> "Presentation":
        """Show a presentation."""
        state = one.state(info.context.clock.now())
        ended = {state: one.ended_at}
        return cls(
            holder=holder, kept=one, presentation=strawberry.ID(one.id), state=PresentationState(state.value),
            made_at=one.made_at, expires_at=one.expires_at, redeemed_at=ended.get(State.REDEEMED),
            cancelled_at=ended.get(State.CANCELLED), chosen=[ChosenLicence.of(each) for each in one.presented.licences],
        )  # fmt: skip

    @resolved("机构 · The authority it was made for: nobody else can redeem it.")
    def authority(self, info: Info) -> Authority:
        """Name the authority in words."""
        return Authority.of(info.context.catalogue.authority(self.kept.authority))

    @resolved("政务服务事项 · The service item it was made for.")
    def service_item(self, info: Info) -> ServiceItem:
        """Name the item in words."""
        return ServiceItem.of(info.context.catalogue.item(self.kept.item))

    @resolved("实际提供 · The reads by which it left, as they are on record: what was chosen and was granted then.")
    async def disclosed(self, info: Info) -> list[Access]:
        """List the reads."""
        case_id = self.kept.case_id
        if case_id is None:
            return []
        presented = partial(info.context.sharing.holders.presented, self.holder, case_id, self.kept.id)
        return [Access.of(each) for each in await to_thread.run_sync(presented)]


@strawberry.type(description="亮证码 · A code for one counter: show it and nothing else of it; it is told here once.")
class PresentationCode:
    """A code."""

    presentation: Presentation = strawberry.field(description="亮证 · What it stands for.")
    text: str = strawberry.field(description="码文 · The text of the code: the hub's address, `/P/#` and the code.")
    svg: str = strawberry.field(description="码图 · The QR code as SVG, with its quiet zone.")


@strawberry.input(description="选择 · A licence to show.")
class ChoiceInput:
    """A choice."""

    identifier: str = strawberry.field(description="电子证照标识 · The licence's identifier.")
    fields: list[str] | None = strawberry.field(
        default=None, description="字段路径 · Which fields of it; null is all that `presentable` lists."
    )


@strawberry.input(description="亮证 · What you show, to whom and for what.")
class PresentationInput:
    """A wish."""

    authority: str = strawberry.field(description="机构 · The authority, by its credit code.")
    service_item: str = strawberry.field(description="事项编码 · The service item; it must be the authority's.")
    licences: list[ChoiceInput] = strawberry.field(description="出示内容 · The licences, each once.")

    def wish(self) -> PresentationWish:
        """Return the wish; raises InputInvalidError for more fields than a list has values."""
        if any(len(each.fields or ()) > LARGEST_LIST for each in self.licences):
            raise InputInvalidError(f"Of one licence name {_MOST_FIELDS} fields, or none for all of them.")
        choices = (
            Choice(each.identifier, None if each.fields is None else tuple(each.fields)) for each in self.licences
        )
        return PresentationWish(self.authority, self.service_item, tuple(choices))


PresentationResult = Annotated[
    Presentation | Problem, strawberry.union("PresentationResult", description="A presentation, or why there is none.")
]
PresentationCodeResult = Annotated[
    PresentationCode | Problem,
    strawberry.union("PresentationCodeResult", description="A code, or why none was made."),
]


@strawberry.type
class PresentationMutation:
    """What holders do about presentations; `Mutation` takes them over."""

    @resolved(
        "亮证 · As a holder, show licences of yours at a counter: a code that is good for a minute, for one redemption. It counts as your "
        "consent for the case in which it is redeemed, to reads of what you chose.",
        PresentationCodeResult,
    )
    async def present_licences(
        self,
        info: Info,
        input: Annotated[PresentationInput, argument("亮证 · What you show.")],  # noqa: A002 - GraphQL's word
    ) -> PresentationCode | Problem:
        """Make a code."""
        context, holder = info.context, info.context.required_holder()
        made = await context.counters.presentations.make(holder, input.wish(), context.pending)
        code = qr_code.of_text(context.counters.text_of(made.code))
        return PresentationCode(
            presentation=Presentation.of(holder, made.presentation, info), text=code.text, svg=code.svg
        )

    @resolved("取消亮证 · As a holder, end a code of yours that nobody has redeemed.", PresentationResult)
    async def cancel_presentation(
        self, info: Info, presentation: Annotated[strawberry.ID, argument("亮证编号 · The presentation.")]
    ) -> Presentation | Problem:
        """Cancel."""
        holder = info.context.required_holder()
        cancel = partial(info.context.counters.presentations.cancel, holder, str(presentation))
        return Presentation.of(holder, await to_thread.run_sync(cancel), info)
