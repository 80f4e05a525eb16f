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
from hub.seals.handed_in import public_key as key_in
from hub.seals.kinds import Custody, Kind
from hub.seals.office import Upload, Wish
from schema.context import Info
from schema.enums import SealCustody, SealKind, SealReason
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.scalars import Base64
from schema.seal_applications import SealApplication, SealApplicationResult
from schema.seal_queries import ApplicationId, EsId
from schema.seals import Seal, SealResult

_AGAIN = "Sent again it is refused: nothing is done twice."
_Note = Annotated[str, argument("备注 · In your own words, at most 200 characters; names no person.")]
_Reason = Annotated[SealReason, argument("原因 · Why; it is recorded.")]
_PublicKey = Annotated[
    str | None, argument("公钥 · PEM of the public key of an owner who keeps the other half himself; else null.")
]


@strawberry.input(description="印模图片 · A picture that is handed in.")
class SealPictureInput:
    """A picture."""

    png: Base64 = strawberry.field(
        description="图片 · PNG with a transparent ground, at most 512 KiB; send it as a variable."
    )
    width: int = strawberry.field(description="宽度 · Of the seal, in millimetres.")
    height: int = strawberry.field(description="高度 · Of the seal, in millimetres.")


@strawberry.input(description="申请印章 · The seal that is wanted.")
class SealApplicationInput:
    """A wish for a seal."""

    authority: str = strawberry.field(description="机构 · The authority whose staff look after it, by its credit code.")
    kind: SealKind = strawberry.field(description="印章类别 · What it is.")
    text: str = strawberry.field(
        description="印文 · What it says: the owner's name, of a special seal and its purpose, or a person's name; send it as a variable."
    )
    reason: str = strawberry.field(description="申请理由 · Why it is needed; names no person.")
    owner: str | None = strawberry.field(
        default=None,
        description="所有者 · Credit code of an organisation whose seal it will be; null is the authority.",
    )
    owner_name: str | None = strawberry.field(
        default=None, description="所有者名称 · The organisation's registered name."
    )
    division: str | None = strawberry.field(
        default=None, description="行政区划代码 · The organisation's; null is the authority's."
    )
    representative: str | None = strawberry.field(
        default=None,
        description="法定代表人 · The legal representative's registered name, for his seal; send it as a variable.",
    )
    suite: str = strawberry.field(default="ES256", description="密码套件 · SM2-SM3, ES256 or Ed25519.")
    years: int = strawberry.field(default=5, description="有效年限 · For how many years it will hold, 1 to 10.")
    custody: SealCustody = strawberry.field(default=SealCustody.HUB, description="密钥保管 · Who will keep its key.")
    picture: SealPictureInput | None = strawberry.field(
        default=None, description="印模图片 · The picture; null has one drawn."
    )
    number: str | None = strawberry.field(
        default=None, description="印章号码 · A number to be drawn at the lower edge."
    )
    remakes: str | None = strawberry.field(
        default=None, description="重新制作 · esID of the seal that it takes the place of."
    )

    def wish(self) -> Wish:
        """Return the wish."""
        shown = self.picture
        return Wish(
            authority=self.authority, kind=Kind(self.kind.value), text=self.text, reason=self.reason,
            owner=self.owner or "", owner_name=self.owner_name or "", division=self.division or "",
            representative=self.representative or "", suite=self.suite, years=self.years,
            custody=Custody(self.custody.value), upload=Upload(shown.png, shown.width, shown.height) if shown else None,
            number=self.number or "", remakes=self.remakes,
        )  # fmt: skip


async def _application(info: Info, step: Callable[[Changes, Staff], str]) -> SealApplication:
    """Take a step about an application and show it as it is now."""
    office, staff = info.context.office, info.context.required_staff()
    return await to_thread.run_sync(lambda: SealApplication.of(office.application(step(office.changes, staff))))


async def _seal(info: Info, step: Callable[[Changes, Staff], str]) -> Seal:
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
        return await _seal(info, _stepped(act, es_id, reason.value, note))

    return strawberry.mutation(resolver=resolve, graphql_type=SealResult, description=description)


def _noted(act: str, description: str) -> Any:
    """Return the field of a step about a seal whose reason is known."""

    async def resolve(self: "SealMutation", info: Info, es_id: EsId, note: _Note = "") -> Seal | Problem:
        del self
        return await _seal(info, _stepped(act, es_id, note))

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

    @resolved(
        f"制作印章 · Make an approved seal, as a seal maker who neither applied for nor approved it. {_AGAIN}",
        SealResult,
    )
    async def make_seal(self, info: Info, id_: ApplicationId, public_key: _PublicKey = None) -> Seal | Problem:
        """Make a seal."""
        key, application = key_in(public_key), str(id_)
        return await _seal(info, lambda changes, staff: changes.make(staff, application, key).es_id)

    file_seal = _noted(
        "file", f"备案 · File a made seal and let it seal; the seal that it remakes is revoked with it. {_AGAIN}"
    )

    @resolved(
        "更换密钥 · Give an active seal a new key; what the old one sealed stays verifiable. Sent again it gives another.",
        SealResult,
    )
    async def rotate_seal(self, info: Info, es_id: EsId, public_key: _PublicKey = None) -> Seal | Problem:
        """Give a seal a new key."""
        key = key_in(public_key)
        return await _seal(info, lambda changes, staff: changes.rotate(staff, es_id, key).es_id)

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
