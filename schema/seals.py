"""Seals in GraphQL: their facts, as verifiers find them published too, and their keys over time.

Decides only how they read; who may ask is judged in `hub.seals.inspection`. What a seal says and shows is its application's to tell.
"""

from datetime import datetime
from typing import Annotated

import strawberry
from anyio import to_thread

from hub.clock import from_micros, to_micros
from hub.seals.register import Seal as Kept
from hub.seals.register import Signer
from schema.catalogue import Authority
from schema.context import Info
from schema.enums import SealCustody, SealKind, SealReason, SealStatus
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.relay import Node, public_id
from schema.seal_applications import SealApplication, SealPurpose

SEAL = "seal"
_AsOf = Annotated[datetime, argument("时刻 · The instant asked about.")]


@strawberry.type(description="签章人证书 · A certificate of a seal's key; a seal may have several over time.")
class SignerCertificate:
    """A certificate of a seal's key."""

    thumbprint: str = strawberry.field(
        description="指纹 · SHA-256 of the certificate, base64url: the `kid` of its key."
    )
    pem: str = strawberry.field(description="证书 · The certificate as PEM (RFC 7468).")
    valid_from: datetime = strawberry.field(description="有效期自 · The first moment at which it holds.")
    valid_until: datetime = strawberry.field(description="有效期至 · The last moment at which it holds.")
    issuers: str | None = strawberry.field(
        description="证书链 · Its issuers as PEM, the root last, if an outside authority issued it; null: the hub's own root did."
    )
    made_at: datetime = strawberry.field(description="制作时间 · When it was given to the seal.")
    retired_at: datetime | None = strawberry.field(
        description="停用时间 · When another took its place; null: its key seals while its seal may."
    )

    @classmethod
    def of(cls, signer: Signer) -> "SignerCertificate":
        """Show a certificate."""
        one = signer.certificate
        issuers = "".join(each.to_pem().decode() for each in signer.issuers)
        return cls(
            thumbprint=signer.kid, pem=one.to_pem().decode(), valid_from=one.not_before, valid_until=one.not_after,
            issuers=issuers or None, made_at=from_micros(signer.made_at), retired_at=_moment(signer.retired_at),
        )  # fmt: skip


@strawberry.type(description="电子印章 · An electronic seal (GB/T 38540), known by its esID.")
class Seal(Node):
    """An electronic seal."""

    kept: strawberry.Private[Kept]
    es_id: str = strawberry.field(description="印章编码 · esID: 14 digits.")
    owner: str = strawberry.field(description="所有者 · Credit code of the body whose seal it is.")
    owner_name: str = strawberry.field(description="所有者名称 · Its registered name.")
    kind: SealKind = strawberry.field(description="印章类别 · What it is.")
    purpose: SealPurpose | None = strawberry.field(description="用途 · Of a special-purpose seal; null of others.")
    name: str = strawberry.field(
        description="印章名称 · Under which it is listed; of a legal representative's seal only what kind it is."
    )
    suite: str = strawberry.field(description="密码套件 · SM2-SM3, ES256 or Ed25519.")
    custody: SealCustody = strawberry.field(description="密钥保管 · Who keeps its key.")
    valid_from: datetime = strawberry.field(description="有效期自 · The first moment of its validity.")
    valid_until: datetime = strawberry.field(description="有效期至 · The moment at which its validity is over.")
    made_at: datetime = strawberry.field(description="制作时间 · When it was made.")
    revoked_at: datetime | None = strawberry.field(
        description="注销时间 · From when on it counts as revoked: of a stolen key since the report. Null while it is not."
    )
    revoked_for: SealReason | None = strawberry.field(description="注销原因 · Why it was revoked.")
    remakes: str | None = strawberry.field(description="重新制作 · esID of the seal that it took the place of.")
    signers: list[SignerCertificate] = strawberry.field(
        description="签章人证书 · Every certificate that its keys ever had, oldest first."
    )

    @resolved("状态 · Its status now.")
    def status(self, info: Info) -> SealStatus:
        """Say the status."""
        return SealStatus(info.context.inspection.status(self.kept).value)

    @resolved("某时状态 · Its status as of an instant; null before it was applied for.")
    def status_at(self, as_of: _AsOf) -> SealStatus | None:
        """Say the status of another moment."""
        status = self.kept.status_at(to_micros(as_of))
        return SealStatus(status.value) if status else None

    @resolved("某时证书 · The certificate whose key signed under it as of an instant; null if none did.")
    def signer_at(self, as_of: _AsOf) -> SignerCertificate | None:
        """Find the signer of another moment."""
        signer = self.kept.signer_at(to_micros(as_of))
        return SignerCertificate.of(signer) if signer else None

    @resolved("机构 · The authority whose staff look after it.")
    def authority(self, info: Info) -> Authority:
        """Look the authority up."""
        return Authority.of(info.context.catalogue.authority(self.kept.authority))

    @resolved("由谁替换 · esID of the newest seal that was made to take its place; null if there is none.")
    def remade_by(self, info: Info) -> str | None:
        """Look the successor up."""
        newer = info.context.inspection.successor(self.kept)
        return newer.es_id if newer else None

    @resolved("申请 · The application that it was made of, with its history.")
    async def application(self, info: Info) -> SealApplication:
        """Read the application."""
        read, staff = info.context.inspection.of_seal, info.context.required_staff()
        return SealApplication.of(await to_thread.run_sync(read, staff, self.es_id))

    @classmethod
    def of(cls, one: Kept) -> "Seal":
        """Show a seal."""
        return cls(
            id=public_id(SEAL, one.es_id), kept=one, es_id=one.es_id, owner=one.owner, owner_name=one.owner_name,
            kind=SealKind(one.kind.value), purpose=SealPurpose.of(one.purpose), name=one.name, suite=one.suite,
            custody=SealCustody(one.custody.value), valid_from=from_micros(one.valid_from),
            valid_until=from_micros(one.valid_until), made_at=from_micros(one.made_at), revoked_at=_moment(one.revoked_at),
            revoked_for=SealReason(one.revoked_for.value) if one.revoked_for else None, remakes=one.remakes,
            signers=[SignerCertificate.of(each) for each in one.signers],
        )  # fmt: skip


SealResult = Annotated[Seal | Problem, strawberry.union("SealResult", description="A seal, or why there is none.")]


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
