"""Reads of seals and of applications for them, for staff; `Query` takes them over.

Decides only how they are asked for. Lists are one authority's: whose seals somebody may look at is decided for each authority.
"""

from typing import Annotated

import strawberry
from anyio import to_thread

from hub.paging import Window
from hub.seals import kinds, life
from schema.context import Info
from schema.enums import SealKind, SealStatus
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.relay import After, Before, Connection, First, Last
from schema.seal_applications import SealApplication, SealApplicationResult
from schema.seals import SEAL, Seal, SealResult

ApplicationId = Annotated[strawberry.ID, argument("申请编号 · The application.", "application")]
EsId = Annotated[str, argument("印章编码 · The seal's esID: 14 digits.")]
_Authority = Annotated[str, argument("机构 · The authority whose staff look after them, by its credit code.")]
_Status = Annotated[SealStatus | None, argument("状态 · Only those of this status.")]


def _word(status: SealStatus | None) -> life.SealStatus | None:
    return life.SealStatus(status.value) if status else None


def _known(info: Info, authority: str) -> str:
    """Return the authority; raises AuthorityUnknownError: a list of nobody's seals would look like one of no seals."""
    return info.context.catalogue.authority(authority).code


def seal_node(info: Info, node_id: str) -> Seal | None:
    """Return the seal of an id, for staff; None when it is no seal's."""
    kind, _, es_id = node_id.partition(":")
    return Seal.of(info.context.inspection.seal(info.context.required_staff(), es_id)) if kind == SEAL else None


@strawberry.type
class SealQuery:
    """Reads of seals."""

    @resolved("电子印章 · A seal by its esID; for staff with a role in the seals of its authority.", SealResult)
    async def seal(self, info: Info, es_id: EsId) -> Seal | Problem:
        """Find a seal."""
        return Seal.of(info.context.inspection.seal(info.context.required_staff(), es_id))

    @resolved("电子印章 · The seals that an authority looks after, by esID; for staff with a role in them.")
    async def seals(
        self,
        info: Info,
        authority: _Authority,
        status: _Status = None,
        kind: Annotated[SealKind | None, argument("印章类别 · Only those of this kind.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Seal] | None:
        """List seals."""
        window, staff = Window(first, after, last, before), info.context.required_staff()
        wanted = kinds.Kind(kind.value) if kind else None
        return Connection[Seal].of(
            info.context.inspection.seals(staff, _known(info, authority), window, _word(status), wanted), Seal.of
        )

    @resolved(
        "印章申请 · An application for a seal; for staff with a role in the seals of its authority.",
        SealApplicationResult,
    )
    async def seal_application(self, info: Info, id_: ApplicationId) -> SealApplication | Problem:
        """Find an application."""
        read, staff = info.context.inspection.application, info.context.required_staff()
        return SealApplication.of(await to_thread.run_sync(read, staff, str(id_)))

    @resolved("印章申请 · An authority's applications for seals, oldest first; for staff with a role in its seals.")
    async def seal_applications(
        self,
        info: Info,
        authority: _Authority,
        status: _Status = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SealApplication] | None:
        """List applications."""
        window, staff = Window(first, after, last, before), info.context.required_staff()
        read = info.context.inspection.applications
        page = await to_thread.run_sync(read, staff, _known(info, authority), window, _word(status))
        return Connection[SealApplication].of(page, SealApplication.of)
