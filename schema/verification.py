"""The public check of a presentation: one row a check, the same names online and offline (ETSI EN 319 102-1)."""

from typing import Any, Self

import strawberry

from schema.enums import CheckOutcome, VerificationResult
from schema.scalars import FaceData


@strawberry.type(description="一项检查 · One check of a verification.")
class VerificationCheck:
    """One row of the report."""

    name: str = strawberry.field(description="检查项 · What was checked.")
    outcome: CheckOutcome = strawberry.field(description="检查结论 · How it came out.")
    sub_indication: str | None = strawberry.field(description="子结论 · Why, in the words of ETSI EN 319 102-1.")
    detail: str = strawberry.field(description="说明 · What that means, for people.")

    @classmethod
    def of(cls, row: Any) -> Self:
        """Show a row of the keys."""
        return cls(
            name=row.name, outcome=CheckOutcome(row.outcome), sub_indication=row.sub_indication or None,
            detail=row.detail or "",
        )  # fmt: skip


@strawberry.type(description="验证报告 · Whether a presentation is genuine, unchanged and in force.")
class VerificationReport:
    """The report of one verification."""

    result: VerificationResult = strawberry.field(description="验证结论 · The result over all checks.")
    checks: list[VerificationCheck] = strawberry.field(description="检查项 · Every check, in order.")
    claims: FaceData | None = strawberry.field(
        description="所示内容 · What the presentation itself shows; null if it is not genuine."
    )

    @classmethod
    def of(cls, report: Any) -> Self:
        """Show a report of the keys."""
        checks = [VerificationCheck.of(row) for row in report.checks]
        claims = FaceData(dict(report.claims)) if report.claims else None
        return cls(result=VerificationResult(report.result), checks=checks, claims=claims)
