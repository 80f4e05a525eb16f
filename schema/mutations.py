"""What officers' systems and clients can change: licences of their own authority, and their own keys.

Decides only how a change is asked for; rights, status and revision are judged in the services, once, in the change's own unit
of work. A changed licence is read again as the authority's own issue, with the fields selected.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any

import strawberry
from anyio import to_thread

from hub.access.caller import Caller
from hub.access.service import Access
from hub.licences.draft import Draft, Holder
from hub.licences.issuing import Issued
from schema.consents import ConsentMutation
from schema.context import Info
from schema.demands import DemandMutation
from schema.disputes import DisputeMutation
from schema.embargoes import EmbargoMutation
from schema.feed.webhooks import WebhookMutation
from schema.fields import IDEMPOTENCY_KEY, argument, resolved, selected
from schema.grants import GrantMutation
from schema.identity_feeding import IdentityMutation
from schema.imports import ImportInput, ImportJob, ImportResult, asked, cancelled
from schema.licences import Answer, LicenceResult, own_answer
from schema.materials import MaterialMutation
from schema.negative_list import NegativeListMutation
from schema.presentations import PresentationMutation
from schema.problems import Problem
from schema.register_imports import RegisterImportMutation
from schema.renditions import RenditionMutation
from schema.resealing import ResealingMutation
from schema.scalars import FaceData
from schema.scanning import ScanMutation
from schema.seal_changes import SealMutation
from schema.seal_files import SealedDocumentMutation
from schema.seal_keys import SealKeyMutation
from schema.staff_changes import StaffMutation
from schema.supervision_changes import SupervisionMutation

_ASSERTION = "客户端断言 · A fresh client assertion, as for a token, by a key the client has: a stolen token alone changes no key."


@strawberry.input(description="持证主体 · Whom a licence is issued to.")
class HolderInput:
    """A holder."""

    code_type: str = strawberry.field(
        description="持证主体代码类型 · Three-digit holder code type, such as 001 or 111."
    )
    code: str = strawberry.field(description="持证主体代码 · The holder's code of that type.")
    name: str = strawberry.field(description="持证主体名称 · The holder's name as printed.")


@strawberry.input(description="证照草稿 · What is to be sealed.")
class DraftInput:
    """A draft."""

    type: str = strawberry.field(description="类型键 · The licence type's key.")
    number: str = strawberry.field(description="证照编号 · The number printed on it.")
    holders: list[HolderInput] = strawberry.field(description="持证主体 · Whom it is issued to.")
    issued_on: date = strawberry.field(description="发证日期 · The day of issue.")
    valid_from: date = strawberry.field(description="有效期自 · Its first day.")
    valid_until: date | None = strawberry.field(default=None, description="有效期至 · Its last day; null is long-term.")
    data: FaceData = strawberry.field(description="照面数据 · The face's own fields, named as in the licence type.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis it is issued; names no person.")
    reason: str = strawberry.field(description="原因 · Why; it is sealed.")

    def draft(self) -> Draft:
        """Return the draft."""
        return Draft(
            type_key=self.type,
            number=self.number,
            holders=tuple(Holder(each.code_type, each.code, each.name) for each in self.holders),
            issued_on=self.issued_on,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            data=self.data,
            legal_basis=self.legal_basis,
            reason=self.reason,
        )


@strawberry.input(description="签发 · A new licence.")
class IssueInput:
    """An issue."""

    draft: DraftInput = strawberry.field(description="证照草稿 · What is to be sealed.")
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="换发 · A new edition of a licence.")
class EditionInput:
    """A renewal or change."""

    identifier: str = strawberry.field(description="电子证照标识 · Identifier of the present edition.")
    revision: int = strawberry.field(description="修订号 · The revision you saw.")
    draft: DraftInput = strawberry.field(description="证照草稿 · What is to be sealed now.")
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="状态变更 · A change of a licence's status.")
class StatusInput:
    """A change of status."""

    identifier: str = strawberry.field(description="电子证照标识 · The licence's identifier.")
    revision: int = strawberry.field(description="修订号 · The revision you saw.")
    reason: str = strawberry.field(description="原因 · Why; it is sealed.")
    legal_basis: str = strawberry.field(description="法律依据 · On what basis; names no person.")
    effective_at: datetime | None = strawberry.field(
        default=None, description="生效时间 · Not in the future; null is now."
    )
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="公钥 · A client's public key as a JWK (RFC 7517); never send a private one.")
class ClientKeyInput:
    """A public key."""

    kty: str = strawberry.field(description="Key type: EC or OKP.")
    crv: str = strawberry.field(description="Curve, such as P-256 or Ed25519.")
    x: str = strawberry.field(description="Public coordinate x, base64url.")
    y: str | None = strawberry.field(default=None, description="Public coordinate y, base64url; none for OKP.")
    kid: str | None = strawberry.field(default=None, description="Key id; null takes the thumbprint (RFC 7638).")

    def jwk(self) -> dict[str, Any]:
        """Return the JWK."""
        members = {"kty": self.kty, "crv": self.crv, "x": self.x, "y": self.y, "kid": self.kid}
        return {name: value for name, value in members.items() if value is not None}


@strawberry.type(description="客户端公钥 · A key of the calling client.")
class ClientKey:
    """A client's key."""

    client_id: str = strawberry.field(description="客户端 · The client.")
    kid: str = strawberry.field(description="密钥编号 · The key's id, as the client names it in its assertions.")
    active: bool = strawberry.field(description="是否有效 · Whether it authenticates the client.")


ClientKeyResult = Annotated[
    ClientKey | Problem, strawberry.union("ClientKeyResult", description="A client's key, or why nothing was changed.")
]


async def _changed(info: Info, change: Callable[[], Issued]) -> Answer:
    issued = await to_thread.run_sync(change)
    return await own_answer(info, issued.identifier, selected(info))


def _new_edition(act: str, description: str) -> Any:
    """Return the field of an act that makes a new edition."""

    async def resolve(
        self: "Mutation",
        info: Info,
        input: Annotated[EditionInput, argument("换发 · The new edition.")],  # noqa: A002 - GraphQL's word
    ) -> Answer | Problem:
        del self
        work = getattr(info.context.licences, act)
        caller, draft = info.context.required_caller(), input.draft.draft()
        change = partial(work, caller, input.identifier, draft, input.revision, input.idempotency_key)
        return await _changed(info, change)

    return strawberry.mutation(resolver=resolve, graphql_type=LicenceResult, description=description)


def _status_change(operation: str, description: str) -> Any:
    """Return the field of an act that changes a status."""

    async def resolve(
        self: "Mutation",
        info: Info,
        input: Annotated[StatusInput, argument("状态变更 · The change.")],  # noqa: A002 - GraphQL's word
    ) -> Answer | Problem:
        del self
        act = info.context.licences.act
        words = (input.reason, input.legal_basis, input.effective_at, input.idempotency_key)
        caller = info.context.required_caller()
        return await _changed(info, partial(act, caller, operation, input.identifier, input.revision, *words))

    return strawberry.mutation(resolver=resolve, graphql_type=LicenceResult, description=description)


def _add_key(access: Access, caller: Caller, assertion: str, jwk: dict[str, Any]) -> ClientKey:
    access.prove(caller, assertion)
    return ClientKey(client_id=caller.client_id, kid=access.add_key(caller.client_id, jwk), active=True)


def _retire_key(access: Access, caller: Caller, assertion: str, kid: str) -> ClientKey:
    access.prove(caller, assertion)
    access.retire_key(caller.client_id, kid)
    return ClientKey(client_id=caller.client_id, kid=kid, active=False)


@strawberry.type(
    description="Changes. Each is recorded; those of licences and keys are done once: for one idempotency key or client assertion."
)
class Mutation(
    StaffMutation,
    SealMutation,
    SealKeyMutation,
    SealedDocumentMutation,
    ResealingMutation,
    EmbargoMutation,
    DisputeMutation,
    SupervisionMutation,
    IdentityMutation,
    RegisterImportMutation,
    ConsentMutation,
    PresentationMutation,
    ScanMutation,
    MaterialMutation,
    WebhookMutation,
    GrantMutation,
    DemandMutation,
    NegativeListMutation,
    RenditionMutation,
):
    """Changes."""

    @resolved("签发 · Seal a new licence of your authority.", LicenceResult)
    async def issue_licence(
        self,
        info: Info,
        input: Annotated[IssueInput, argument("签发 · The new licence.")],  # noqa: A002 - GraphQL's word
    ) -> Answer | Problem:
        """Issue."""
        work = info.context.licences.issue
        caller = info.context.required_caller()
        change = partial(work, caller, input.draft.draft(), input.idempotency_key)
        return await _changed(info, change)

    renew_licence = _new_edition(
        "renew", "延续 · Seal the next edition for a new period; the present one is superseded."
    )
    change_licence = _new_edition(
        "change", "变更 · Seal the next edition with other data; the present one is superseded."
    )
    suspend_licence = _status_change("suspend", "暂扣 · Take a licence out of force until it is resumed.")
    resume_licence = _status_change("resume", "恢复 · Put a suspended licence back in force.")
    withdraw_licence = _status_change("withdraw", "撤销 · Withdraw a licence that should not have been issued.")
    revoke_licence = _status_change("revoke", "吊销 · Take a licence away as a sanction.")
    cancel_licence = _status_change("cancel", "注销 · End a licence without fault.")
    transfer_licence_out = _status_change("transferOut", "办理转出 · Move a licence to another authority.")
    cancel_licence_transfer = _status_change("cancelTransfer", "取消转出 · Undo a transfer.")

    @resolved("批量导入 · Let an upload become licences of your authority: a job, which a worker runs.", ImportResult)
    async def import_licences(
        self,
        info: Info,
        input: Annotated[ImportInput, argument("导入 · The import.")],  # noqa: A002 - GraphQL's word
    ) -> ImportJob | Problem:
        """Import."""
        return await asked(info, input)

    @resolved("取消导入 · End an import of your authority; what it stored stands.", ImportResult)
    async def cancel_import(
        self, info: Info, id_: Annotated[strawberry.ID, argument("任务编号 · The job's id.", "id")]
    ) -> ImportJob | Problem:
        """End an import."""
        return await cancelled(info, str(id_))

    @resolved("添加公钥 · Add a key to the calling client.", ClientKeyResult)
    async def add_client_key(
        self,
        info: Info,
        key: Annotated[ClientKeyInput, argument("公钥 · The new key.")],
        assertion: Annotated[str, argument(_ASSERTION)],
    ) -> ClientKey | Problem:
        """Add a key."""
        caller = info.context.required_caller()
        return await to_thread.run_sync(_add_key, info.context.access, caller, assertion, key.jwk())

    @resolved("停用公钥 · Retire a key of the calling client; never the last.", ClientKeyResult)
    async def retire_client_key(
        self,
        info: Info,
        kid: Annotated[str, argument("密钥编号 · The key's id.")],
        assertion: Annotated[str, argument(_ASSERTION)],
    ) -> ClientKey | Problem:
        """Retire a key."""
        caller = info.context.required_caller()
        return await to_thread.run_sync(_retire_key, info.context.access, caller, assertion, kid)
