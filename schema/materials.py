"""Materials of a case in GraphQL: which need not be handed in, with the sealed licence that stands in their place, and why; requirements, and promises.

Decides only how it reads and what is selected; rights, results and records are the services'. What is exempt and selected left through the funnel, as every
licence does.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import date
from typing import Annotated, NamedTuple, cast

import strawberry

from hub.catalogue.items.outline import APPLICANT
from hub.errors import InputInvalidError, NotFoundError
from hub.limits import LARGEST_LIST
from hub.paging import Window
from hub.sharing.materials.case_materials import PromiseWish
from hub.sharing.materials.meets import Met
from hub.sharing.materials.promise import Kind, State, Told, Who
from hub.sharing.materials.results import Reason
from hub.sharing.materials.service import Assessed, Wish
from hub.sharing.reading import OpenCase
from schema.context import Info
from schema.enums import MaterialNature, MaterialResult, PromiseKind, PromiseOutcome, PromiseState
from schema.fields import IDEMPOTENCY_KEY, argument, read, resolved, selected
from schema.items import CommitmentTerms, DeferralTerms
from schema.licences import Answer, Licence, answer
from schema.parties import HasCase
from schema.problems import BilingualText, Problem
from schema.relay import After, Before, Connection, First, Last


@strawberry.type(description="原因 · Why a material came to its result.")
class MaterialReason:
    """A reason (`results.Reason`), which is read as it is."""

    why: str = strawberry.field(
        name="code", description="原因代码 · Stable code, such as NOT_GRANTED or REQUIREMENT_NOT_MET."
    )
    words: BilingualText = strawberry.field(description="原因 · In words.")

    @classmethod
    def of(cls, reason: Reason) -> "MaterialReason":
        """Show a reason."""
        return cast("MaterialReason", reason)


@strawberry.type(description="办件承诺 · A commitment or deferral that was recorded for a material of this case.")
class CasePromise:
    """A promise of a case (`promise.Promise`), which is read as it is."""

    promise: strawberry.ID = read("编号 · Its id, to settle it.", "id")
    kind: PromiseKind = strawberry.field(description="类别 · Commitment or deferral.")
    state: PromiseState = strawberry.field(description="状态 · What became of it.")
    deadline: date = strawberry.field(description="期限 · The last day for it.")


class Shown(NamedTuple):
    """A material as it is shown, and the licences that left for it; no object of its GraphQL class is made."""

    one: Assessed
    licences: Sequence[Answer]

    @property
    def licence(self) -> Answer | None:
        """Return the first."""
        return self.licences[0] if self.licences else None


# Made when they are asked for.
def _fallback(root: strawberry.Parent[Shown]) -> BilingualText:
    return BilingualText.of(root.one.fallback)


def _commitment(root: strawberry.Parent[Shown]) -> CommitmentTerms | None:
    offered = root.one.material.commitment
    return CommitmentTerms.of(offered) if offered else None


def _deferral(root: strawberry.Parent[Shown]) -> DeferralTerms | None:
    offered = root.one.material.deferral
    return DeferralTerms.of(offered) if offered else None


@strawberry.type(description="办件材料 · What a material of the case comes to.")
class CaseMaterial:
    """A material."""

    key: str = read("材料键 · Its key in the item's document.", "one.material.key")
    name: BilingualText = read("材料名称 · Its name.", "one.material.name")
    nature: MaterialNature = read("材料性质 · What it is.", "one.material.nature")
    condition: BilingualText | None = read(
        "情形 · When it is asked for; null is always. The hub does not know whether it applies.",
        "one.material.condition",
    )
    result: MaterialResult = read("结果 · What it comes to.", "one.result")
    reason: MaterialReason = read("原因 · Why.", "one.reason")
    fallback: BilingualText = strawberry.field(resolver=_fallback, description="兜底方式 · What to do.")
    source: str | None = read("证照类型 · Key of the licence type that exempts it.", "one.source")
    disputed: bool = read(
        "是否有异议 · Whether a value of what exempts it is disputed in this case and the answer is awaited; it exempts until then.",
        "one.disputed",
    )
    licence: Licence | None = read(
        "证照 · The sealed licence, with the fields granted and selected, when exempt; null under grants to check only.",
        "licence",
    )
    licences: list[Licence] = read("证照 · The same, one for each person where several stand in the role.", "licences")
    commitment: CommitmentTerms | None = strawberry.field(
        resolver=_commitment, description="告知承诺 · What may be committed to instead."
    )
    deferral: DeferralTerms | None = strawberry.field(resolver=_deferral, description="容缺受理 · That it may follow.")
    promise: CasePromise | None = read("办件承诺 · The last promise recorded for it.", "one.promise")
    deadline: date | None = read(
        "期限 · Of that promise, or of one made today; null where none is offered, or the hub lacks that year's working days.",
        "one.deadline",
    )

    @classmethod
    def of(cls, one: Assessed, info: Info) -> "CaseMaterial":
        """Show a material; its enums have the hub's own words."""
        return cast("CaseMaterial", Shown(one, [answer(each, info) for each in one.disclosed]))


@strawberry.type(description="条件核验结果 · Whether a requirement is met; the field itself is told to nobody.")
class RequirementAnswer:
    """An answer."""

    requirement: str = strawberry.field(description="条件名 · The requirement's name.")
    words: BilingualText = strawberry.field(description="条件 · What it asks.")
    met: bool | None = strawberry.field(
        description="是否符合 · Yes or no; null: it cannot be judged, and `reason` says why."
    )
    reason: MaterialReason = strawberry.field(description="原因 · Why.")

    @classmethod
    def of(cls, one: Met) -> "RequirementAnswer":
        """Show an answer."""
        return cls(
            requirement=one.name, words=BilingualText.of(one.words), met=one.met, reason=MaterialReason.of(one.reason)
        )


@strawberry.input(description="指定证照 · Which licence is meant for a material, where a person holds several.")
class MaterialLicenceInput:
    """A choice."""

    material: str = strawberry.field(description="材料键 · The material's key.")
    identifier: str = strawberry.field(description="电子证照标识 · The licence's identifier.")


@strawberry.type
class CaseMaterials:
    """The materials of a case; `Case` takes them over."""

    @resolved(
        "申请材料 · What each material of the item comes to: which need not be handed in, and what to do about the others."
    )
    async def materials(
        self: HasCase,
        info: Info,
        conditional: Annotated[
            list[str] | None, argument("情形 · Keys of the conditional materials that apply; null judges all of them.")
        ] = None,
        licences: Annotated[
            list[MaterialLicenceInput] | None,
            argument(f"指定证照 · Which licence is meant, of up to {LARGEST_LIST} materials."),
        ] = None,
    ) -> list[CaseMaterial] | None:
        """Assess the materials."""
        wanted, context = selected(info, ("licence", "licences")), info.context
        chosen = {each.material: each.identifier for each in licences or ()}
        wish = Wish(conditional, chosen, shown=wanted.is_asked, wanted=wanted)
        found = await context.sharing.materials.of_case(self.opened, wish, context.pending)
        return [CaseMaterial.of(each, info) for each in found]

    @resolved(
        "条件核验 · Whether a requirement that the item publishes is met by a valid licence; yes or no, and never the field."
    )
    async def meets(
        self: HasCase,
        info: Info,
        requirement: Annotated[str, argument("条件名 · Its name in the item's document.")],
        of: Annotated[
            str, argument("角色 · Whose licences: `applicant`, or the role of a declared party.")
        ] = APPLICANT,
    ) -> RequirementAnswer | None:
        """Ask a requirement."""
        context = info.context
        return RequirementAnswer.of(
            await context.sharing.materials.meets(self.opened, requirement, of, context.pending)
        )


# -- promises --------------------------------------------------------------------------------------------------------


@strawberry.type(description="告知承诺、容缺受理 · A commitment or deferral recorded in a case of your authority.")
class MaterialPromise:
    """A promise."""

    promise: strawberry.ID = strawberry.field(description="编号 · Its id.")
    service_item: str = strawberry.field(description="事项编码 · The case's service item.")
    case_number: str = strawberry.field(description="办件编号 · Your case number.")
    material: str = strawberry.field(description="材料键 · The material whose place it takes.")
    kind: PromiseKind = strawberry.field(description="类别 · Commitment or deferral.")
    state: PromiseState = strawberry.field(description="状态 · What became of it.")
    deadline: date = strawberry.field(
        description="期限 · The last day on which it is checked, or the material follows."
    )
    overdue: bool = strawberry.field(description="是否逾期 · Whether it is open and that day is over.")
    item_version: int = strawberry.field(description="事项版本 · The version of the item's document.")
    digest: str | None = strawberry.field(description="承诺摘要 · SHA-256 of the text committed to.")
    signature: str | None = strawberry.field(
        description="签名 · The applicant's signature as it was handed in, base64; null for a clerk's, and after erasure."
    )
    clerk: str | None = strawberry.field(description="经办人 · The clerk who took it down; null after erasure.")
    reason: str | None = strawberry.field(description="处理理由 · Why it was settled so; null after erasure.")

    @classmethod
    def of(cls, told: Told) -> "MaterialPromise":
        """Show a promise."""
        made, who = told.promise, told.who
        signature = who.signature if who else None
        return cls(
            promise=strawberry.ID(made.id), service_item=told.item, case_number=told.case_number, material=made.material,
            kind=PromiseKind(made.kind.value), state=PromiseState(made.state.value), deadline=made.deadline,
            overdue=told.overdue, item_version=told.item_version, digest=told.digest,
            signature=base64.b64encode(signature).decode() if signature else None, clerk=who.clerk if who else None,
            reason=told.reason,
        )  # fmt: skip


PromiseResult = Annotated[
    MaterialPromise | Problem,
    strawberry.union("PromiseResult", description="A commitment or deferral, or why nothing was recorded."),
]


@strawberry.input(description="登记承诺 · A commitment in place of a material.")
class CommitmentInput:
    """A commitment."""

    case: strawberry.ID = strawberry.field(description="办件 · The case's id, as `case { id }` gives it.")
    material: str = strawberry.field(description="材料键 · The material's key.")
    digest: str = strawberry.field(description="承诺摘要 · Digest of the text that the applicant was shown.")
    signature: str | None = strawberry.field(
        default=None, description="签名 · The applicant's signature, base64; or else the clerk."
    )
    clerk: str | None = strawberry.field(default=None, description="经办人 · The clerk who took it down.")
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)

    def wish(self) -> PromiseWish:
        """Return what is wished."""
        who = Who(_signature(self.signature), self.clerk)
        return PromiseWish(Kind.COMMITMENT, self.material, who, self.digest)


@strawberry.input(description="登记容缺 · That a material follows later.")
class DeferralInput:
    """A deferral."""

    case: strawberry.ID = strawberry.field(description="办件 · The case's id, as `case { id }` gives it.")
    material: str = strawberry.field(description="材料键 · The material's key.")
    signature: str | None = strawberry.field(
        default=None, description="签名 · The applicant's signature, base64; or else the clerk."
    )
    clerk: str | None = strawberry.field(default=None, description="经办人 · The clerk who took it down.")
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)

    def wish(self) -> PromiseWish:
        """Return what is wished."""
        return PromiseWish(Kind.DEFERRAL, self.material, Who(_signature(self.signature), self.clerk))


@strawberry.input(description="处理承诺 · What became of a commitment or deferral.")
class SettlementInput:
    """An outcome."""

    promise: strawberry.ID = strawberry.field(description="编号 · Its id.")
    outcome: PromiseOutcome = strawberry.field(description="结果 · What became of it.")
    reason: str = strawberry.field(description="理由 · Why; it is sealed.")
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


def _signature(given: str | None) -> bytes | None:
    if given is None:
        return None
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise InputInvalidError("A signature is sent as base64 (RFC 4648, section 4).") from None


async def _promised(info: Info, case_id: strawberry.ID, wish: PromiseWish, key: str) -> MaterialPromise:
    context = info.context
    caller = context.required_caller()
    case = await context.sharing.node(caller, str(case_id), {}, context.pending)
    if not isinstance(case, OpenCase):
        raise NotFoundError("This is no case's id; `case { id }` gives it.")
    return MaterialPromise.of(await context.sharing.materials.promise(caller, case, wish, key, context.pending))


@strawberry.type
class MaterialQuery:
    """Reads of promises; `Query` takes them over."""

    @resolved("承诺与容缺 · The commitments and deferrals of your authority's cases, by deadline.")
    async def material_promises(
        self,
        info: Info,
        overdue: Annotated[bool, argument("逾期 · Only those that are open after their deadline.")] = False,  # noqa: FBT002 - GraphQL names it
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[MaterialPromise] | None:
        """List promises."""
        window, context = Window(first, after, last, before), info.context
        page = await context.sharing.materials.page(context.required_caller(), window, overdue=overdue)
        return Connection[MaterialPromise].of(page, MaterialPromise.of)


@strawberry.type
class MaterialMutation:
    """What departments record about materials; `Mutation` takes it over."""

    @resolved("登记告知承诺 · Record that the applicant commits to it in place of a material.", PromiseResult)
    async def commit_material(
        self, info: Info, input: Annotated[CommitmentInput, argument("承诺 · The commitment.")]  # noqa: A002 - GraphQL's word
    ) -> MaterialPromise | Problem:  # fmt: skip
        """Record a commitment."""
        return await _promised(info, input.case, input.wish(), input.idempotency_key)

    @resolved("登记容缺受理 · Record that a material follows later.", PromiseResult)
    async def defer_material(
        self, info: Info, input: Annotated[DeferralInput, argument("容缺 · The deferral.")]  # noqa: A002 - GraphQL's word
    ) -> MaterialPromise | Problem:  # fmt: skip
        """Record a deferral."""
        return await _promised(info, input.case, input.wish(), input.idempotency_key)

    @resolved("处理承诺 · Say that a commitment or deferral was kept, breached, or made up for.", PromiseResult)
    async def settle_promise(
        self, info: Info, input: Annotated[SettlementInput, argument("结果 · What became of it.")]  # noqa: A002 - GraphQL's word
    ) -> MaterialPromise | Problem:  # fmt: skip
        """Settle."""
        context, outcome = info.context, State(input.outcome.value)
        words = (str(input.promise), outcome, input.reason, input.idempotency_key)
        return MaterialPromise.of(await context.sharing.materials.settle(context.required_caller(), *words))
