"""The root of all reads. Only OPEN fields may be asked over GET; those and `verifyLicence` need no signing in."""

from typing import Annotated, cast

import strawberry

from hub.errors import InputInvalidError
from schema.cases import Case, CaseInput, CaseResult
from schema.catalogue import Authority, LicenceTypeInfo, ServiceItem
from schema.context import Info
from schema.fields import argument, resolved, selected
from schema.licences import Answer, LicenceResult, Node, node_answer, own_answer
from schema.limits import LARGEST_BATCH
from schema.problems import Problem, each_answered
from schema.verification import VerificationReport

# The fields of the catalogue, and GraphQL's own: no personal data lies behind them, so a URL may ask for them.
OPEN = frozenset({"licenceType", "licenceTypes", "authorities", "serviceItems", "__schema", "__type", "__typename"})


@strawberry.type(description="Reads. Licences are read in a case, or as the issuing authority's own.")
class Query:
    """Reads."""

    @resolved("办件 · Open a case; every licence is read inside one.", CaseResult)
    async def case(
        self,
        info: Info,
        input: Annotated[CaseInput, argument("办件 · Why licences are read.")],  # noqa: A002 - GraphQL's word
    ) -> Case | Problem:
        """Open a case."""
        context = info.context
        return Case.of(await context.sharing.open_case(context.required_caller(), input.purpose(), context.pending))

    @resolved("本机关签发 · A licence that your own authority issued.", LicenceResult)
    async def issued_licence(
        self, info: Info, identifier: Annotated[str, argument("电子证照标识 · Its identifier.")]
    ) -> Answer | Problem:
        """Read an own issue."""
        return await own_answer(info, identifier, selected(info))

    @resolved("Read a licence again by its opaque id, in the case it was read in, for the same authority.")
    async def node(
        self,
        info: Info,
        id_: Annotated[strawberry.ID, argument("The opaque id.", "id")],
    ) -> Node | None:
        """Read a licence again."""
        return cast("Node", await node_answer(info, id_, selected(info)))

    @resolved(f"Read up to {LARGEST_BATCH} licences again; null for those that cannot be found.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], argument("The opaque ids.")]
    ) -> list[Node | None]:
        """Read licences again."""
        if len(ids) > LARGEST_BATCH:
            raise InputInvalidError(f"At most {LARGEST_BATCH} ids can be read at once.")
        wanted = selected(info)
        found = await each_answered([node_answer(info, one, wanted) for one in ids])
        return [None if isinstance(one, Problem) else cast("Node", one) for one in found]

    @resolved("证照类型 · The newest version of a licence type in force; null if there is none.")
    def licence_type(
        self, info: Info, key: Annotated[str, argument("类型键 · The type's key, such as BusinessLicence.")]
    ) -> LicenceTypeInfo | None:
        """Find a type."""
        return next((LicenceTypeInfo.of(one) for one in info.context.catalogue.types() if one.key == key), None)

    @resolved("证照目录 · The newest version of every licence type in force.")
    def licence_types(self, info: Info) -> list[LicenceTypeInfo]:
        """List the types."""
        return [LicenceTypeInfo.of(one) for one in info.context.catalogue.types()]

    @resolved("机构 · Every authority, by credit code.")
    def authorities(self, info: Info) -> list[Authority]:
        """List the authorities."""
        return [Authority.of(row) for row in info.context.catalogue.authorities()]

    @resolved("政务服务事项 · Every service item, by code.")
    def service_items(self, info: Info) -> list[ServiceItem]:
        """List the items."""
        return [ServiceItem.of(row) for row in info.context.catalogue.items()]

    @resolved("验证证照 · Check a presentation that somebody shows you; anybody may ask.")
    async def verify_licence(
        self, info: Info, presentation: Annotated[str, argument("签章证照 · The SD-JWT presentation (RFC 9901).")]
    ) -> VerificationReport:
        """Verify a presentation."""
        return VerificationReport.of(await info.context.verification.verify(presentation))
