"""Renditions in GraphQL: originals for the issuing authority and the holder, annotated copies inside a case.

Decides only how it is asked for; who may have what is judged in the service, and the records are durable before the link leaves. The file itself
is fetched once at the link.
"""

from datetime import date, datetime
from typing import Annotated

import strawberry

from hub.errors import InputInvalidError
from hub.renditions.service import CopyWish
from hub.renditions.service import Rendition as Made
from schema.cases import CaseInput, LicenceKeyInput
from schema.context import Info
from schema.enums import RenditionKind
from schema.fields import argument, resolved
from schema.problems import Problem


@strawberry.input(description="加注件申请 · An annotated copy of what is granted in a case.")
class AnnotatedCopyInput:
    """A copy."""

    case: CaseInput = strawberry.field(description="办件 · The case that it is for.")
    licence: LicenceKeyInput = strawberry.field(description="证照线索 · Which licence.")
    purpose: str = strawberry.field(
        description="用途 · What the copy is for, 1 to 200 characters; it stands on every page and is recorded, so it names no person."
    )
    valid_until: date = strawberry.field(description="有效期至 · The last day on which the copy may be used.")


@strawberry.input(
    description="证照文件申请 · What is to be made: one of both, the original by its identifier or an annotated copy."
)
class RenditionInput:
    """A rendition."""

    original: str | None = strawberry.field(
        default=None,
        description="原件 · Identifier of the licence, for the authority that issued it and for its holder.",
    )
    annotated_copy: AnnotatedCopyInput | None = strawberry.field(
        default=None, description="加注件 · For departments, inside a case."
    )


@strawberry.type(description="证照文件 · A licence as PDF/A-2b, to be downloaded once.")
class Rendition:
    """A rendition that was made."""

    record: strawberry.ID = strawberry.field(
        description="件号 · The rendition's number: it stands on every page, and is its record's id."
    )
    kind: RenditionKind = strawberry.field(description="类别 · Original or annotated copy.")
    url: str = strawberry.field(
        description="下载地址 · Where the file is fetched, once; whoever has the address has the file."
    )
    expires_at: datetime = strawberry.field(description="下载截止 · Until when it waits there.")
    valid_until: date | None = strawberry.field(
        description="有效期至 · The copy's last day; null for an original, which holds as long as the licence."
    )
    sha256: str = strawberry.field(description="文件摘要 · SHA-256 of the file, lower-case hex.")
    bytes: int = strawberry.field(description="字节数 · The file's size.")
    signed: bool = strawberry.field(
        description="是否签名 · Whether it carries a PAdES signature under the authority's seal (ES256)."
    )

    @classmethod
    def of(cls, made: Made, url: str, expires_at: datetime) -> "Rendition":
        """Show one."""
        kind = RenditionKind.ORIGINAL if made.deadline is None else RenditionKind.ANNOTATED_COPY
        return cls(
            record=strawberry.ID(made.id), kind=kind, url=url, expires_at=expires_at, valid_until=made.deadline,
            sha256=made.sha256, bytes=len(made.pdf), signed=made.signed,
        )  # fmt: skip


RenditionResult = Annotated[
    Rendition | Problem, strawberry.union("RenditionResult", description="A file that waits, or why there is none.")
]


@strawberry.type
class RenditionMutation:
    """Making renditions; `Mutation` takes them over."""

    @resolved(
        "制作证照文件 · Make a licence a PDF: an original as the issuing authority or as its holder, an annotated copy inside a case. "
        "Sent again it is another file, and another record.",
        RenditionResult,
    )
    async def make_rendition(
        self,
        info: Info,
        input: Annotated[RenditionInput, argument("申请 · What is to be made.")],  # noqa: A002 - GraphQL's word
    ) -> Rendition | Problem:
        """Make one."""
        made = await _made(info, input)
        return Rendition.of(made, *await info.context.renditions.link(made))


async def _made(info: Info, wish: RenditionInput) -> Made:
    context, copy = info.context, wish.annotated_copy
    if (wish.original is None) == (copy is None):
        raise InputInvalidError("Ask for an original by its identifier, or for an annotated copy, not for both.")
    if wish.original is not None and context.holder is not None:
        return await context.renditions.of_holder(context.holder, wish.original, context.pending)
    caller = context.required_caller()
    if copy is None:
        return await context.renditions.of_issuer(caller, str(wish.original), context.pending)
    case = await context.sharing.open_case(caller, copy.case.purpose(), context.pending)
    wished = CopyWish(copy.purpose, copy.valid_until)
    return await context.renditions.copy(case, copy.licence.key(), wished, context.pending)
