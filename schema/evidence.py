"""Evidence packages in GraphQL: asked for by the department whose case it is, or by an auditor of its authority.

Decides only how it is asked for; who may have one is judged in the service, and its records are durable before it leaves.
"""

from typing import Annotated

import strawberry

from hub.errors import InputInvalidError
from hub.evidence.service import EvidencePackage as Made
from hub.evidence.service import Wish
from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import Problem
from schema.scalars import Base64


@strawberry.input(description="证据包申请 · Which answers are to be proven.")
class EvidenceInput:
    """A wish."""

    service_item: str = strawberry.field(description="事项编码 · The case's service item.")
    case_number: str = strawberry.field(description="办件编号 · The case's number.")
    authority: str | None = strawberry.field(
        default=None,
        description="机构 · For auditors: whose case it is, by its credit code. Client systems have their own.",
    )
    record: strawberry.ID | None = strawberry.field(
        default=None, description="记录编号 · One answer only: its record, which a receipt names in `jti`."
    )

    def wish(self, authority: str | None) -> Wish:
        """Return it for the authority that asks, or for the one that is named; raises InputInvalidError."""
        named = self.authority or authority
        if named is None:
            raise InputInvalidError("Say whose case it is: `authority`.")
        return Wish(named, self.service_item, self.case_number, str(self.record) if self.record else None)


@strawberry.type(
    description="证据包 · Everything that proves what left in a case, to be verified offline, years later."
)
class EvidencePackage:
    """A package."""

    zip: Base64 = strawberry.field(
        description="证据包文件 · The package (licence-hub-evidence/1); keep it as a file, and check it with `licence-hub verify`."
    )
    answers: int = strawberry.field(description="用证次数 · How many answers it holds.")
    missing: int = strawberry.field(
        description="缺失次数 · Of how many only record and proof are there, because the data was erased, say."
    )

    @classmethod
    def of(cls, made: Made) -> "EvidencePackage":
        """Show a package."""
        return cls(zip=Base64(made.content), answers=made.answers, missing=made.missing)


EvidencePackageResult = Annotated[
    EvidencePackage | Problem,
    strawberry.union("EvidencePackageResult", description="An evidence package, or why there is none."),
]


@strawberry.type
class EvidenceQuery:
    """Asking for evidence; `Query` takes it over."""

    @resolved(
        "证据包 · What left in a case once, made again and proven, as a file; that it leaves again is recorded.",
        EvidencePackageResult,
    )
    async def evidence_package(
        self,
        info: Info,
        input: Annotated[EvidenceInput, argument("申请 · Which answers.")],  # noqa: A002 - GraphQL's word
    ) -> EvidencePackage | Problem:
        """Make a package."""
        context = info.context
        if context.staff is not None:
            return EvidencePackage.of(await context.evidence.of_staff(context.staff, input.wish(None), context.pending))
        caller = context.required_caller()
        return EvidencePackage.of(
            await context.evidence.of_client(caller, input.wish(caller.authority), context.pending)
        )
