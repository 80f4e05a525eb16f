"""What is wished for in an application for a seal, as it is sent. What stands in it is judged in the service; names of persons come as variables."""

import strawberry

from hub.seals.kinds import Custody, Kind
from hub.seals.office import Upload, Wish
from schema.enums import SealCustody, SealKind
from schema.scalars import Base64


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
