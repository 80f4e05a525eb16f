"""Applications for seals in GraphQL: what was asked for, what became of it, who did what, and how the seal will look.

Decides only how they read; who may see them is judged in the services. What a seal says and shows stands in `picture` alone, for a
legal representative's seal shows a person's name.
"""

from datetime import datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.clock import from_micros
from hub.seals.impressions import Impression
from hub.seals.office import Application, Taken
from hub.seals.pictures.purposes import PURPOSES
from schema.catalogue import Authority
from schema.context import Info
from schema.enums import SealAct, SealCustody, SealKind, SealReason, SealStatus
from schema.fields import resolved
from schema.problems import BilingualText, Problem
from schema.scalars import Base64


@strawberry.type(description="专用章用途 · What a special-purpose seal is for.")
class SealPurpose:
    """The purpose of a special seal."""

    key: str = strawberry.field(description="用途键 · Stable key, such as ELECTRONIC_LICENCE.")
    name: BilingualText = strawberry.field(description="用途名称 · What stands on the seal after its owner's name.")

    @classmethod
    def of(cls, key: str | None) -> "SealPurpose | None":
        """Show a purpose."""
        row = PURPOSES.get(key or "")
        return cls(key=row.key, name=BilingualText(zh=row.suffix, en=row.name_en)) if row else None


@strawberry.type(description="步骤 · Who did what about a seal, when and why.")
class SealStep:
    """A step that was taken."""

    act: SealAct = strawberry.field(description="步骤 · What was done.")
    staff: strawberry.ID = strawberry.field(description="经办人 · Account of who did it.")
    reason: SealReason | None = strawberry.field(description="原因 · Why, of a change of the seal's status.")
    note: str = strawberry.field(description="备注 · Why, in his own words; may be empty.")
    at: datetime = strawberry.field(description="时间 · When.")

    @classmethod
    def of(cls, taken: Taken) -> "SealStep":
        """Show a step."""
        reason = SealReason(taken.reason) if taken.reason else None
        return cls(
            act=SealAct(taken.step), staff=strawberry.ID(taken.staff), reason=reason, note=taken.note, at=from_micros(taken.at)
        )  # fmt: skip


@strawberry.type(description="印模 · What a seal says and how it looks.")
class SealPicture:
    """A seal's text and picture."""

    text: str = strawberry.field(description="印文 · What it says; of a legal representative's seal a person's name.")
    png: Base64 = strawberry.field(description="图片 · The picture as PNG, with a transparent ground.")
    svg: str | None = strawberry.field(description="矢量图 · The outlines it was drawn with; null if it was handed in.")
    width: int = strawberry.field(description="宽度 · In millimetres.")
    height: int = strawberry.field(description="高度 · In millimetres.")
    es_id: strawberry.Private[str | None]

    @resolved(
        "印章数据 · The seal as its maker signed it (SES_Seal of GB/T 38540), for its owner; null where there is none."
    )
    async def ses_seal(self, info: Info) -> Base64 | None:
        """Open the structure."""
        if self.es_id is None:
            return None
        der = await to_thread.run_sync(info.context.office.ses_seal, self.es_id)
        return None if der is None else Base64(der)

    @classmethod
    def of(cls, shown: Impression, es_id: str | None) -> "SealPicture":
        """Show an impression."""
        svg = shown.svg.decode() if shown.svg else None
        return cls(text=shown.text, png=Base64(shown.png), svg=svg, width=shown.width, height=shown.height, es_id=es_id)


SealPictureResult = Annotated[
    SealPicture | Problem,
    strawberry.union("SealPictureResult", description="A seal's picture, or why it is not shown."),
]


@strawberry.type(description="印章申请 · An application for a seal: its facts and its history.")
class SealApplication:
    """An application for a seal."""

    application: strawberry.ID = strawberry.field(description="申请编号 · By which steps about it name it.")
    authority_code: strawberry.Private[str]
    owner: str = strawberry.field(description="所有者 · Credit code of the body whose seal it will be.")
    owner_name: str = strawberry.field(description="所有者名称 · Its registered name.")
    kind: SealKind = strawberry.field(description="印章类别 · What the seal is.")
    purpose: SealPurpose | None = strawberry.field(description="用途 · Of a special-purpose seal; null of others.")
    name: str = strawberry.field(
        description="印章名称 · Under which it is kept; of a legal representative's seal only what kind it is."
    )
    suite: str = strawberry.field(description="密码套件 · SM2-SM3, ES256 or Ed25519.")
    years: int = strawberry.field(description="有效年限 · For how many years it will hold.")
    custody: SealCustody = strawberry.field(description="密钥保管 · Who keeps its key.")
    reason: str = strawberry.field(description="申请理由 · Why it is needed.")
    status: SealStatus = strawberry.field(description="状态 · What became of the application: MADE at the last.")
    remakes: str | None = strawberry.field(description="重新制作 · esID of the seal that it takes the place of.")
    es_id: str | None = strawberry.field(description="印章编码 · esID of the seal that was made; null before.")
    applied_at: datetime = strawberry.field(description="申请时间 · When it was applied for.")

    @resolved("机构 · The authority whose staff look after it.")
    def authority(self, info: Info) -> Authority:
        """Look the authority up."""
        return Authority.of(info.context.catalogue.authority(self.authority_code))

    @resolved("步骤 · What was done about it and its seal, in order.")
    async def steps(self, info: Info) -> list[SealStep]:
        """Read the history."""
        read, staff = info.context.inspection.history, info.context.required_staff()
        return [SealStep.of(each) for each in await to_thread.run_sync(read, staff, str(self.application))]

    @resolved("印模 · What the seal says and how it looks; for those who have a part in it.", SealPictureResult)
    async def picture(self, info: Info) -> SealPicture | Problem:
        """Open the picture."""
        read, staff = info.context.office.impression, info.context.required_staff()
        return SealPicture.of(await to_thread.run_sync(read, staff, str(self.application)), self.es_id)

    @classmethod
    def of(cls, row: Application) -> "SealApplication":
        """Show an application."""
        return cls(
            application=strawberry.ID(row.id), authority_code=row.authority, owner=row.owner,
            owner_name=row.owner_name, kind=SealKind(row.kind.value), purpose=SealPurpose.of(row.purpose), name=row.name,
            suite=row.suite, years=row.years, custody=SealCustody(row.custody.value), reason=row.reason,
            status=SealStatus(row.status.value), remakes=row.remakes, es_id=row.es_id, applied_at=from_micros(row.applied_at),
        )  # fmt: skip


SealApplicationResult = Annotated[
    SealApplication | Problem,
    strawberry.union("SealApplicationResult", description="An application for a seal, or why there is none."),
]
