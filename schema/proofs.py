"""Proofs out of the transparency log in GraphQL: of a record, and that the log only grew.

Decides only how they read. Places and sizes are text: they outgrow GraphQL's Int. RFC 6962 section 2.1; checkpoints are C2SP signed notes.
"""

from datetime import datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.audit import log
from hub.clock import from_micros
from hub.errors import InputInvalidError
from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.scalars import Base64, Digest

_DIGITS = 19


@strawberry.type(description="存证日志检查点 · The newest tree head of the transparency log, signed.")
class LogCheckpoint:
    """A checkpoint."""

    note: str = strawberry.field(
        description="检查点 · A signed note (C2SP): origin, size and root, the log's signature, and those of witnesses."
    )
    keys: list[str] = strawberry.field(
        description="验证密钥 · The log's verifier keys, the newest first; compare them with a copy from elsewhere."
    )


@strawberry.type(description="存证证明 · That a record is in the transparency log.")
class InclusionProof:
    """An inclusion proof."""

    record: strawberry.ID = strawberry.field(description="记录编号 · The record.")
    kind: str = strawberry.field(description="记录种类 · What it is about: access, licence, grant, seal and others.")
    recorded_at: datetime = strawberry.field(description="记录时间 · When it was recorded.")
    body: Base64 = strawberry.field(description="记录内容 · Its canonical bytes: JSON.")
    salt: Base64 = strawberry.field(
        description="盐值 · With it the log committed to the bytes: the entry is HMAC-SHA-256 of them, keyed by the salt."
    )
    leaf_hash: Digest = strawberry.field(description="叶哈希 · SHA-256 over a zero byte and the entry (RFC 6962).")
    index: str = strawberry.field(description="叶序号 · The leaf's place in the log, from 0 on.")
    size: str = strawberry.field(description="日志大小 · The checkpoint's.")
    hashes: list[Digest] = strawberry.field(
        description="证明路径 · The hashes beside the way from the leaf to the root, nearest first."
    )
    checkpoint: str = strawberry.field(description="检查点 · The signed note with the root that they lead to.")

    @classmethod
    def of(cls, proof: log.Inclusion) -> "InclusionProof":
        """Show a proof."""
        record = proof.record
        return cls(
            record=strawberry.ID(record.id), kind=record.facts["kind"], recorded_at=from_micros(record.facts["time"]),
            body=Base64(record.body), salt=Base64(record.salt), leaf_hash=Digest(proof.leaf), index=f"{proof.place}",
            size=f"{proof.size}", hashes=[Digest(each) for each in proof.hashes], checkpoint=proof.checkpoint,
        )  # fmt: skip


@strawberry.type(description="一致性证明 · That the log of one size is the beginning of that of another.")
class ConsistencyProof:
    """A consistency proof."""

    old_size: str = strawberry.field(description="原大小 · The smaller size.")
    old_root: Digest = strawberry.field(description="原根哈希 · The root then: compare it with the older checkpoint.")
    new_size: str = strawberry.field(description="新大小 · The larger size.")
    new_root: Digest = strawberry.field(description="新根哈希 · The root then.")
    hashes: list[Digest] = strawberry.field(description="证明路径 · The proof (RFC 6962 section 2.1.2).")

    @classmethod
    def of(cls, proof: log.Consistency) -> "ConsistencyProof":
        """Show a proof."""
        return cls(
            old_size=f"{proof.old}", old_root=Digest(proof.old_root), new_size=f"{proof.new}",
            new_root=Digest(proof.new_root), hashes=[Digest(each) for each in proof.hashes],
        )  # fmt: skip


InclusionResult = Annotated[
    InclusionProof | Problem,
    strawberry.union("InclusionResult", description="A proof of a record, or why there is none."),
]
ConsistencyResult = Annotated[
    ConsistencyProof | Problem,
    strawberry.union("ConsistencyResult", description="A proof that the log only grew, or why there is none."),
]


@strawberry.type
class ProofQuery:
    """Proofs; `Query` takes them over."""

    @resolved("存证日志检查点 · The newest checkpoint of the transparency log; anybody may ask.")
    async def log_checkpoint(self, info: Info) -> LogCheckpoint:
        """Read the checkpoint."""
        proofs = info.context.sharing.proofs
        return LogCheckpoint(note=await to_thread.run_sync(proofs.checkpoint), keys=list(proofs.verifier_keys()))

    @resolved(
        "存证证明 · That a record is in the log, and the record itself: for clients of the authority that it is about, and for its "
        "auditors. Name the record, or give a receipt, which names one. LOG_NOT_INTEGRATED: ask again in two seconds.",
        InclusionResult,
    )
    async def record_proof(
        self,
        info: Info,
        record: Annotated[strawberry.ID | None, argument("记录编号 · The record.")] = None,
        receipt: Annotated[str | None, argument("用证回执 · A receipt of this hub.")] = None,
    ) -> InclusionProof | Problem:
        """Prove a record."""
        context = info.context
        who, proofs = context.staff or context.required_caller(), context.sharing.proofs
        if (record is None) == (receipt is None):
            raise InputInvalidError("Name a record or give a receipt, one of the two.")
        if receipt is not None:
            return InclusionProof.of(await to_thread.run_sync(proofs.of_receipt, who, receipt))
        return InclusionProof.of(await to_thread.run_sync(proofs.of_record, who, str(record)))

    @resolved(
        "一致性证明 · That the log of one size is the beginning of that of a later one; anybody may ask.",
        ConsistencyResult,
    )
    async def log_consistency(
        self,
        info: Info,
        old_size: Annotated[str, argument("原大小 · Of the older checkpoint.")],
        new_size: Annotated[str | None, argument("新大小 · Of the newer one; the newest, if it is left out.")] = None,
    ) -> ConsistencyProof | Problem:
        """Prove that the log grew."""
        old, new = _size(old_size), None if new_size is None else _size(new_size)
        return ConsistencyProof.of(await to_thread.run_sync(info.context.sharing.proofs.consistency, old, new))


def _size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise InputInvalidError("A size is a whole number.")
    return int(text)
