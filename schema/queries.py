"""The root of all reads. Only OPEN fields may be asked over GET; those, `verifyLicence`, `verifyCode` and `verifySealedDocument` need no signing in."""

from typing import Annotated, cast

import strawberry

from hub.limits import LARGEST_LIST
from hub.paging import Window
from hub.sharing.reading import OpenCase
from schema.cases import Case, CaseInput, CaseResult
from schema.catalogue import Authority, LicenceTypeInfo, ServiceItem, public_node
from schema.context import Info
from schema.demands import DemandQuery
from schema.disputes import DisputeQuery
from schema.embargoes import EmbargoQuery
from schema.evidence import EvidenceQuery
from schema.feed.changes import ChangesQuery
from schema.feed.webhooks import WebhookQuery
from schema.fields import argument, resolved, selected
from schema.grants import GrantQuery
from schema.holders import HolderQuery
from schema.identities import IdentityQuery
from schema.imports import ImportJob, ImportResult, watched
from schema.item_queries import ItemQuery
from schema.licences import Answer, LicenceResult, answer, own_answer
from schema.materials import MaterialQuery
from schema.negative_list import NegativeListQuery
from schema.printed import PrintedCodeQuery
from schema.problems import Problem, each_answered
from schema.proofs import ProofQuery
from schema.register_imports import RegisterImportQuery
from schema.relay import After, Before, Connection, First, Last, Node
from schema.resealing import ResealingQuery
from schema.scanning import CounterQuery
from schema.seal_files import SealedDocumentQuery
from schema.seal_queries import SealQuery, seal_node
from schema.selection import Selection
from schema.staff import StaffQuery
from schema.supervision import SupervisionQuery
from schema.verification import VerificationReport

# The fields of the catalogue, and GraphQL's own: no personal data lies behind them, so a URL may ask for them.
OPEN = frozenset(
    {"licenceType", "licenceTypes", "authorities", "serviceItem", "serviceItems", "exemptionList", "negativeList"}
    | {"__schema", "__type", "__typename"}
)


@strawberry.type(description="Reads. Licences are read in a case, or as the issuing authority's own.")
class Query(
    StaffQuery, SealQuery, SealedDocumentQuery, ResealingQuery, ProofQuery, HolderQuery, EmbargoQuery, EvidenceQuery,
    SupervisionQuery, ItemQuery, IdentityQuery, MaterialQuery, RegisterImportQuery, DisputeQuery, GrantQuery, DemandQuery,
    NegativeListQuery, ChangesQuery, WebhookQuery, PrintedCodeQuery, CounterQuery,
):  # fmt: skip
    """Reads."""

    @resolved("办件 · Open a case; every licence is read inside one.", CaseResult)
    async def case(
        self,
        info: Info,
        input: Annotated[CaseInput, argument("办件 · Why licences are read.")],  # noqa: A002 - GraphQL's word
    ) -> Case | Problem:
        """Open a case."""
        context = info.context
        caller = context.required_caller()
        return Case.of(await context.sharing.open_case(caller, input.purpose(), context.pending))

    @resolved("本机关签发 · A licence that your own authority issued.", LicenceResult)
    async def issued_licence(
        self, info: Info, identifier: Annotated[str, argument("电子证照标识 · Its identifier.")]
    ) -> Answer | Problem:
        """Read an own issue."""
        return await own_answer(info, identifier, selected(info))

    @resolved(
        "Find something again by its opaque id: a licence or a case of the same authority, a seal, or a public thing."
    )
    async def node(self, info: Info, id_: Annotated[strawberry.ID, argument("The opaque id.", "id")]) -> Node | None:
        """Find a node."""
        return await _node(info, id_, selected(info))

    @resolved(f"Find up to {LARGEST_LIST} things again, in the order asked; null for those that cannot be found.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], argument("The opaque ids.")]
    ) -> list[Node | None]:
        """Find nodes."""
        wanted = selected(info)
        found = await each_answered([_node(info, one, wanted) for one in ids])
        return [None if isinstance(one, Problem) else one for one in found]

    @resolved("证照类型 · The newest version of a licence type, retired ones too; null if there is none.")
    def licence_type(
        self, info: Info, key: Annotated[str, argument("类型键 · The type's key, such as BusinessLicence.")]
    ) -> LicenceTypeInfo | None:
        """Find a type."""
        versions = info.context.catalogue.current.types.get(key)
        return LicenceTypeInfo.of(versions[-1]) if versions else None

    @resolved("证照目录 · The newest version of every licence type in force, by key.")
    def licence_types(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        retired: Annotated[bool, argument("已停用 · Retired types too.")] = False,  # noqa: FBT002 - GraphQL names it
    ) -> Connection[LicenceTypeInfo] | None:
        """List the types."""
        generation = info.context.catalogue.current
        rows = [versions[-1] for key, versions in generation.types.items() if retired or key not in generation.retired]
        window = Window(first, after, last, before)
        return Connection[LicenceTypeInfo].listing("types", rows, lambda one: one.key, window, LicenceTypeInfo.of)

    @resolved("机构 · Every authority, by credit code.")
    def authorities(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Authority] | None:
        """List the authorities."""
        rows, window = info.context.catalogue.authorities(), Window(first, after, last, before)
        return Connection[Authority].listing("authorities", rows, lambda one: one.code, window, Authority.of)

    @resolved("政务服务事项 · Every service item, by code.")
    def service_items(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ServiceItem] | None:
        """List the items."""
        rows, window = info.context.catalogue.items(), Window(first, after, last, before)
        return Connection[ServiceItem].listing("items", rows, lambda one: one.code, window, ServiceItem.of)

    @resolved("导入任务 · An import of your own authority.", ImportResult)
    async def import_job(
        self, info: Info, id_: Annotated[strawberry.ID, argument("任务编号 · The job's id.", "id")]
    ) -> ImportJob | Problem:
        """Watch an import."""
        return await watched(info, str(id_))

    @resolved("验证证照 · Check a presentation that somebody shows you; anybody may ask.")
    async def verify_licence(
        self, info: Info, presentation: Annotated[str, argument("签章证照 · The SD-JWT presentation (RFC 9901).")]
    ) -> VerificationReport:
        """Verify a presentation."""
        return VerificationReport.of(await info.context.verification.verify(presentation))


async def _node(info: Info, node_id: str, wanted: Selection) -> Node:
    """Find what an id stands for: without signing in what is public, else a seal, or what the caller had before."""
    context = info.context
    if seal := seal_node(info, node_id):
        return seal
    if public := public_node(context.catalogue, node_id):
        return public
    if context.holder:
        own = await context.sharing.holders.node(context.holder, node_id, wanted, context.pending)
        return cast("Node", answer(own, info))
    found = await context.sharing.node(context.required_caller(), node_id, wanted, context.pending)
    return Case.of(found) if isinstance(found, OpenCase) else cast("Node", answer(found, info))
