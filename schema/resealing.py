"""Licences that are sealed anew in GraphQL: asked for with the key that is not to be trusted, watched as a job.

Decides only how it reads; who may ask is judged in the service. A worker runs the job, and goes on where it stopped.
"""

from datetime import datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.clock import from_micros
from hub.jobs.service import Progress
from hub.licences.resealing import outcome
from schema.context import Info
from schema.enums import JobState
from schema.fields import argument, resolved
from schema.problems import Problem, stopped_by


@strawberry.type(description="重新签章任务 · Licences of a key that are sealed anew, as far as it is.")
class ResealingJob:
    """A job of sealing anew."""

    job: strawberry.ID = strawberry.field(description="任务编号 · The job, for `resealing`.")
    state: JobState = strawberry.field(description="状态 · What is being done about it.")
    thumbprint: str = strawberry.field(description="密钥指纹 · The key whose licences are sealed anew.")
    done: int = strawberry.field(description="已处理 · How many licences of the seal were looked at.")
    total: int = strawberry.field(description="总数 · How many there were when it was asked for.")
    resealed: int = strawberry.field(description="已重新签章 · How many of them are under the new seal.")
    refused: int = strawberry.field(
        description="被拒绝 · How many the key had not sealed; they stay as they are, on record as RESEAL_REFUSED."
    )
    rate: float = strawberry.field(description="速率 · Licences a second, since it was asked for.")
    problem: Problem | None = strawberry.field(description="停止原因 · Why it stopped; null while nothing is wrong.")
    started_at: datetime = strawberry.field(description="开始时间 · When it was asked for.")
    ended_at: datetime | None = strawberry.field(description="结束时间 · When it ended; null before.")

    @classmethod
    def of(cls, found: Progress, now: datetime) -> "ResealingJob":
        """Show a job."""
        began, came = from_micros(found.started_at), outcome(found)
        ended = None if found.ended_at is None else from_micros(found.ended_at)
        seconds = ((ended or now) - began).total_seconds()
        return cls(
            job=strawberry.ID(found.id), state=JobState(found.state.value), thumbprint=found.arguments["kid"],
            done=found.done, total=found.total, resealed=came.resealed, refused=came.refused, rate=round(found.done / max(seconds, 1), 1), problem=stopped_by(found.error),
            started_at=began, ended_at=ended,
        )  # fmt: skip


ResealingResult = Annotated[
    ResealingJob | Problem,
    strawberry.union("ResealingResult", description="A job of sealing anew, or why there is none."),
]


@strawberry.type
class ResealingQuery:
    """The job, watched; `Query` takes it over."""

    @resolved("重新签章任务 · How far sealing anew is; for licence officers of the authority.", ResealingResult)
    async def resealing(
        self, info: Info, id_: Annotated[strawberry.ID, argument("任务编号 · The job.", "job")]
    ) -> ResealingJob | Problem:
        """Watch the job."""
        read, staff = info.context.resealing.of, info.context.required_staff()
        return ResealingJob.of(await to_thread.run_sync(read, staff, str(id_)), info.context.clock.now())


@strawberry.type
class ResealingMutation:
    """The job, asked for; `Mutation` takes it over."""

    @resolved(
        "重新签章 · Seal every live licence under a key anew, under the authority's present seal: a job, which a worker runs. "
        "Sent again it is the same job, which goes on where it stopped.",
        ResealingResult,
    )
    async def reseal_licences(
        self,
        info: Info,
        thumbprint: Annotated[str, argument("密钥指纹 · The key that is not to be trusted any more.")],
        legal_basis: Annotated[str, argument("法律依据 · For the licences' histories; names no person.")],
        reason: Annotated[str, argument("原因 · For the licences' histories.")],
    ) -> ResealingJob | Problem:
        """Ask for the job."""
        kept, staff = info.context.resealing, info.context.required_staff()

        def work() -> Progress:
            return kept.of(staff, kept.start(staff, thumbprint, legal_basis, reason))

        return ResealingJob.of(await to_thread.run_sync(work), info.context.clock.now())
