"""Documents under a seal in GraphQL: sealed by their digests, in one step or in two, and checked by anybody.

Decides only how it is asked for; whose hand may use a seal is judged in the service, and each use is on record before the signature leaves. A
document never comes here, only its digests.
"""

from typing import Annotated

import strawberry
from anyio import to_thread

from hub.seals.files import Sealed
from hub.seals.handed_in import digests
from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.scalars import Base64, Digest
from schema.seal_queries import EsId
from schema.verification import VerificationReport

_Why = Annotated[
    str, argument("用印事由 · Why the seal is used, at most 200 characters; it is recorded and names no person.")
]


@strawberry.input(description="文件摘要 · A document's digests: a seal signs that of its suite.")
class DocumentDigests:
    """Digests of a document."""

    sha256: Digest | None = strawberry.field(default=None, description="SHA-256 · Signed by seals of ES256.")
    sm3: Digest | None = strawberry.field(default=None, description="SM3 · Signed by seals of SM2-SM3.")


_Digests = Annotated[DocumentDigests, argument("文件摘要 · The document's digests.")]


@strawberry.type(description="签章数据 · A detached signature of a document, under a seal.")
class SealedDocument:
    """A detached signature."""

    form: str = strawberry.field(description="格式 · SES_Signature (GB/T 38540) or CMS (RFC 5652).")
    suffix: str = strawberry.field(description="后缀 · The usual end of such a file's name: .ses or .p7s.")
    signature: Base64 = strawberry.field(description="签章 · The signature in DER, to be kept beside the document.")

    @classmethod
    def of(cls, sealed: Sealed) -> "SealedDocument":
        """Show a signature."""
        return cls(form=sealed.form.name, suffix=sealed.form.suffix, signature=Base64(sealed.der))


@strawberry.type(description="待签数据 · What the key of a seal is to sign.")
class PreparedSealing:
    """What is to be signed."""

    prepared: Base64 = strawberry.field(
        description="待签数据 · Bytes that the seal's key signs as they are, its signature in DER; for `completeSealing`."
    )


SealedDocumentResult = Annotated[
    SealedDocument | Problem,
    strawberry.union("SealedDocumentResult", description="A detached signature, or why there is none."),
]
PreparedSealingResult = Annotated[
    PreparedSealing | Problem,
    strawberry.union("PreparedSealingResult", description="What is to be signed, or why there is nothing."),
]


@strawberry.type
class SealedDocumentQuery:
    """What anybody may check; `Query` takes it over."""

    @resolved("验证签章文件 · Check a detached signature of a document, whoever made it, as of now; anybody may ask.")
    async def verify_sealed_document(
        self, info: Info, signature: Annotated[Base64, argument("签章 · The signature, in DER.")], document: _Digests
    ) -> VerificationReport:
        """Verify a signature."""
        given = digests(document.sha256, document.sm3)
        return VerificationReport.of(await to_thread.run_sync(info.context.file_sealing.verify, signature, given))


@strawberry.type
class SealedDocumentMutation:
    """Uses of seals; `Mutation` takes them over."""

    @resolved(
        "签章 · Seal a document with a key that the hub keeps, as a seal applicant or licence officer of the seal's authority. Sent "
        "again it is another signature and another use on record.",
        SealedDocumentResult,
    )
    async def seal_document(
        self, info: Info, es_id: EsId, document: _Digests, reason: _Why
    ) -> SealedDocument | Problem:
        """Seal a document."""
        sign, staff = info.context.file_sealing.sign, info.context.required_staff()
        given = digests(document.sha256, document.sm3)
        return SealedDocument.of(await to_thread.run_sync(sign, staff, es_id, given, reason))

    @resolved(
        "准备签章 · Return what the key of a seal, which its owner keeps himself, is to sign as of now; the seal is not used yet.",
        PreparedSealingResult,
    )
    async def prepare_sealing(self, info: Info, es_id: EsId, document: _Digests) -> PreparedSealing | Problem:
        """Prepare a signature."""
        prepare, staff = info.context.file_sealing.prepare_for, info.context.required_staff()
        given = digests(document.sha256, document.sm3)
        return PreparedSealing(prepared=Base64(await to_thread.run_sync(prepare, staff, es_id, given)))

    @resolved(
        "完成签章 · Make the detached signature of what was prepared and signed elsewhere. Sent again it is the same signature, and "
        "another use on record.",
        SealedDocumentResult,
    )
    async def complete_sealing(
        self,
        info: Info,
        es_id: EsId,
        document: _Digests,
        reason: _Why,
        prepared: Annotated[Base64, argument("待签数据 · What `prepareSealing` gave.")],
        value: Annotated[Base64, argument("签名值 · The signature of it by the seal's key, in DER.")],
    ) -> SealedDocument | Problem:
        """Complete a signature."""
        complete, staff = info.context.file_sealing.complete, info.context.required_staff()
        given = digests(document.sha256, document.sm3)
        return SealedDocument.of(await to_thread.run_sync(complete, staff, es_id, prepared, value, given, reason))
