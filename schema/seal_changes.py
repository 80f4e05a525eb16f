"""What staff do about seals in GraphQL, step by step: one mutation a step, each naming what was done or why it was not.

Decides only how a step is asked for; role, status and other hands are judged in the service, in the step's own unit of work. A step that is
sent again after a lost answer is refused by the status that the first has left, so nothing is done twice.
"""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from anyio import to_thread

from hub.access.staff.caller import Staff
from hub.seals.changes import Changes
from schema.context import Info
from schema.enums import SealReason
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.seal_applications import SealApplication, SealApplicationResult
from schema.seal_queries import ApplicationId, EsId
from schema.seal_wishes import SealApplicationInput
from schema.seals import Seal, SealResult

_AGAIN = "Sent again it is refused: nothing is done twice."
_Note = Annotated[str, argument("备注 · In your own words, at most 200 characters; names no person.")]
_Reason = Annotated[SealReason, argument("原因 · Why; it is recorded.")]


async def _application(info: Info, step: Callable[[Changes, Staff], str]) -> SealApplication:
    """Take a step about an application and show it as it is now."""
    office, staff = info.context.office, info.context.required_staff()
    return await to_thread.run_sync(lambda: SealApplication.of(office.application(step(office.changes, staff))))


async def seal_after(info: Info, step: Callable[[Changes, Staff], str]) -> Seal:
    """Take a step about a seal and show it as it is now."""
    context, staff = info.context, info.context.required_staff()
    return await to_thread.run_sync(lambda: Seal.of(context.seals.seal(step(context.office.changes, staff))))


def _decision(act: str, description: str) -> Any:
    """Return the field of a decision about an application; its note may be left out where the step allows that."""

    async def resolve(
        self: "SealMutation", info: Info, id_: ApplicationId, note: _Note = ""
    ) -> SealApplication | Problem:
        del self
        application = str(id_)

        def step(changes: Changes, staff: Staff) -> str:
            getattr(changes, act)(staff, application, note)
            return application

        return await _application(info, step)

    return strawberry.mutation(resolver=resolve, graphql_type=SealApplicationResult, description=description)


def _change(act: str, description: str) -> Any:
    """Return the field of a change of a seal's status for a reason."""

    async def resolve(
        self: "SealMutation", info: Info, es_id: EsId, reason: _Reason, note: _Note = ""
    ) -> Seal | Problem:
        del self
        return await seal_after(info, _stepped(act, es_id, reason.value, note))

    return strawberry.mutation(resolver=resolve, graphql_type=SealResult, description=description)


def _noted(act: str, description: str) -> Any:
    """Return the field of a step about a seal whose reason is known."""

    async def resolve(self: "SealMutation", info: Info, es_id: EsId, note: _Note = "") -> Seal | Problem:
        del self
        return await seal_after(info, _stepped(act, es_id, note))

    return strawberry.mutation(resolver=resolve, graphql_type=SealResult, description=description)


def _stepped(act: str, es_id: str, *words: str) -> Callable[[Changes, Staff], str]:
    def step(changes: Changes, staff: Staff) -> str:
        getattr(changes, act)(staff, es_id, *words)
        return es_id

    return step


@strawberry.type
class SealMutation:
    """Steps about seals; `Mutation` takes them over."""

    @resolved(
        "申请印章 · Apply for a seal, as a seal applicant. Sent again it is refused with SEAL_EXISTS: look at `sealApplications` then.",
        SealApplicationResult,
    )
    async def apply_for_seal(
        self,
        info: Info,
        input: Annotated[SealApplicationInput, argument("申请 · The seal that is wanted.")],  # noqa: A002 - GraphQL's word
    ) -> SealApplication | Problem:
        """Apply."""
        wish = input.wish()
        return await _application(info, lambda changes, staff: changes.apply(staff, wish))

    approve_seal_application = _decision(
        "approve", f"批准申请 · Approve an application, as a seal approver who did not make it. {_AGAIN}"
    )
    reject_seal_application = _decision(
        "reject", f"驳回申请 · Reject an application, saying why in `note`; its applicant reads it. {_AGAIN}"
    )

    file_seal = _noted(
        "file", f"备案 · File a made seal and let it seal; the seal that it remakes is revoked with it. {_AGAIN}"
    )

    suspend_seal = _change(
        "suspend", f"停用印章 · Suspend an active seal: it seals nothing until it is resumed. {_AGAIN}"
    )
    resume_seal = _change(
        "resume", f"恢复印章 · Let a suspended seal seal again, also after a mistaken report. {_AGAIN}"
    )
    revoke_seal = _change(
        "revoke", f"注销印章 · Revoke a seal for ever; what it sealed before stays verifiable. {_AGAIN}"
    )
    report_seal_compromise = _noted(
        "report_compromise",
        "报告密钥泄露 · Report a stolen or lost key: the seal stops at once, another person confirms it.",
    )
    confirm_seal_compromise = _noted(
        "confirm_compromise",
        f"确认密钥泄露 · Confirm another's report: what the key sealed counts only with proof that it existed before. {_AGAIN}",
    )
