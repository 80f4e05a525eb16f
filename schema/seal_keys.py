"""Keys and certificates of seals in GraphQL: made with a seal, replaced, asked of an outside authority; the root of a suite.

Decides only how they are asked for; a key is made by the hub, or its owner sends the public half: no private key ever comes or goes here.
"""

from typing import Annotated

import strawberry
from anyio import to_thread

from hub.access.staff.caller import Staff
from hub.seals.certifying import KeySource
from hub.seals.changes import Changes
from hub.seals.handed_in import key_source
from hub.seals.kinds import KeyPlace
from schema.context import Info
from schema.enums import SealKeyPlace
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.seal_changes import seal_after
from schema.seal_queries import ApplicationId, EsId
from schema.seals import Seal, SealResult

_Place = Annotated[SealKeyPlace, argument("密钥位置 · Where the hub makes the key.")]


@strawberry.input(
    description="密钥来源 · Where a seal's new key comes from, and who certifies it; by default the hub does both."
)
class SealKeyInput:
    """The source of a key."""

    public_key: str | None = strawberry.field(
        default=None, description="公钥 · PEM of the public key of an owner who keeps the other half himself."
    )
    chain: str | None = strawberry.field(
        default=None,
        description="证书链 · PEM of an outside authority's certificate of the key, then its issuers, the root last.",
    )
    place: SealKeyPlace = strawberry.field(
        default=SealKeyPlace.STORE, description="密钥位置 · Where the hub makes a key of its own."
    )

    def source(self) -> KeySource:
        """Return the source; raises as `hub.seals.handed_in.key_source`."""
        return key_source(self.public_key, self.chain, KeyPlace[self.place.value])


_Key = Annotated[
    SealKeyInput | None, argument("密钥来源 · Null lets the hub make the key and its own root certify it.")
]


@strawberry.type(description="证书请求 · What is sent to an outside certificate authority.")
class SealCertificateRequest:
    """A request for a certificate."""

    pem: str = strawberry.field(description="证书请求 · PKCS #10 as PEM (RFC 2986).")


@strawberry.type(description="制章根 · The root of a suite, and the maker under it that signs seals.")
class SealRoot:
    """The root and the maker of a suite."""

    suite: str = strawberry.field(description="密码套件 · The suite.")
    root: str = strawberry.field(description="根证书 · The root's certificate as PEM.")
    maker: str = strawberry.field(description="制章者证书 · The maker's certificate as PEM.")


SealCertificateRequestResult = Annotated[
    SealCertificateRequest | Problem,
    strawberry.union("SealCertificateRequestResult", description="A request for a certificate, or why there is none."),
]
SealRootResult = Annotated[
    SealRoot | Problem, strawberry.union("SealRootResult", description="The root of a suite, or why none was made.")
]


def _source(key: SealKeyInput | None) -> KeySource:
    return (key or SealKeyInput()).source()


@strawberry.type
class SealKeyMutation:
    """Steps about keys of seals; `Mutation` takes them over."""

    @resolved(
        "制作印章 · Make an approved seal, as a seal maker who neither applied for nor approved it. Sent again it is refused: nothing "
        "is done twice.",
        SealResult,
    )
    async def make_seal(self, info: Info, id_: ApplicationId, key: _Key = None) -> Seal | Problem:
        """Make a seal."""
        source, application = _source(key), str(id_)
        return await seal_after(info, lambda changes, staff: changes.make(staff, application, source).es_id)

    @resolved(
        "更换密钥 · Give an active seal a new key; what the old one sealed stays verifiable. Sent again it is refused with VERSION_CONFLICT.",
        SealResult,
    )
    async def rotate_seal(
        self,
        info: Info,
        es_id: EsId,
        replaces: Annotated[str, argument("被更换的密钥 · Thumbprint of the certificate that you saw last.")],
        key: _Key = None,
    ) -> Seal | Problem:
        """Give a seal a new key."""
        source = _source(key)

        def rotate(changes: Changes, staff: Staff) -> str:
            return changes.rotate(staff, es_id, source, replaces=replaces).es_id

        return await seal_after(info, rotate)

    @resolved(
        "请求证书 · Make the key of an approved seal, or the next one of an active seal, and the request for its certificate to an outside "
        "authority; what comes back is the `chain` of makeSeal or rotateSeal. Sent again it makes another key, and only the last request counts.",
        SealCertificateRequestResult,
    )
    async def request_seal_certificate(
        self, info: Info, id_: ApplicationId, place: _Place = SealKeyPlace.STORE
    ) -> SealCertificateRequest | Problem:
        """Ask for a certificate."""
        request, staff = info.context.office.changes.request, info.context.required_staff()
        pem = await to_thread.run_sync(request, staff, str(id_), KeyPlace[place.value])
        return SealCertificateRequest(pem=pem.decode())

    @resolved(
        "建立制章根 · Make the root and the maker of a suite before its first seal does, to choose the place of their keys; for seal makers "
        "of the whole hub. Sent again it is refused with SEAL_EXISTS.",
        SealRootResult,
    )
    async def make_seal_root(
        self,
        info: Info,
        suite: Annotated[str, argument("密码套件 · SM2-SM3, ES256 or Ed25519.")],
        place: _Place = SealKeyPlace.STORE,
    ) -> SealRoot | Problem:
        """Make a root."""
        context, staff = info.context, info.context.required_staff()
        await to_thread.run_sync(context.office.changes.make_root, staff, suite, KeyPlace[place.value])
        made = context.seals.register.makers[suite]
        root, maker = (each.to_pem().decode() for each in (made.certificate, made.maker_certificate))
        return SealRoot(suite=suite, root=root, maker=maker)
