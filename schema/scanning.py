"""Scanning in GraphQL: what a counter's system, or a clerk, is told of a code, in a case or without one.

Decides only how it reads. Redeeming changes something, so it is a mutation; who may, and what leaves, is judged in hub.counters and hub.sharing.
"""

from datetime import datetime
from typing import Annotated, Any, cast

import orjson
import strawberry

from hub.counters import qr_code
from hub.counters import service as counters
from hub.counters.verdict import ShownField
from hub.sharing.presenting import CounterPurpose
from hub.sharing.purpose import Party, Person
from schema.cases import Case, PartyInput, PersonInput
from schema.catalogue import Authority
from schema.context import Info
from schema.fields import argument, resolved
from schema.licences import Licence, answer
from schema.printed import Verdict
from schema.problems import BilingualText, Problem


@strawberry.input(description="扫码办件 · The case in which something is shown.")
class CounterCaseInput:
    """A purpose."""

    service_item: str = strawberry.field(description="事项编码 · The service item's code; it must be your authority's.")
    case_number: str = strawberry.field(description="办件编号 · Your case number, without personal data.")
    legal_basis: str | None = strawberry.field(
        default=None, description="法律依据 · Null is that of the case, or of a new one that of the first grant."
    )
    applicant: PersonInput | None = strawberry.field(
        default=None, description="申请人 · Null is the case's own, or of a new one whoever shows a displayed code."
    )
    parties: list[PartyInput] | None = strawberry.field(default=None, description="相关人 · Declared parties.")

    def purpose(self) -> CounterPurpose:
        """Return the purpose."""
        applicant = Person(self.applicant.code_type, self.applicant.code) if self.applicant else None
        parties = tuple(Party(each.role, each.code_type, each.code) for each in self.parties or ())
        return CounterPurpose(self.service_item, self.case_number, self.legal_basis, applicant, parties)


@strawberry.input(description="扫码 · What the scanner read, and in which case.")
class ScanInput:
    """A scan."""

    code: str = strawberry.field(description="码文 · The text that the scanner read, whatever it is.")
    case: CounterCaseInput | None = strawberry.field(
        default=None,
        description="办件 · The case; without one a printed code is only verified, and a displayed one not redeemed.",
    )


@strawberry.type(description="所示字段 · A field that left for this case.")
class ScannedField:
    """A field, in words."""

    path: str = strawberry.field(description="字段路径 · Dotted path of the field.")
    title: BilingualText = strawberry.field(description="字段名称 · What the licence calls it.")
    value: str = strawberry.field(description="值 · Its value; what is no text is JSON.")

    @classmethod
    def of(cls, shown: ShownField) -> "ScannedField":
        """Show a field."""
        return cls(path=shown.path, title=BilingualText(zh=shown.label.zh, en=shown.label.en), value=_text(shown.value))


@strawberry.type(description="所示证照 · A licence that was shown.")
class ScannedLicence:
    """A licence with its verdict."""

    verdict: Verdict = strawberry.field(description="验码结论 · What it is worth now.")
    licence: Licence | None = strawberry.field(
        description="证照 · The licence with the fields that left; null if nothing of it may be read now."
    )
    fields: list[ScannedField] = strawberry.field(description="所示字段 · The same fields in words.")

    @classmethod
    def of(cls, seen: counters.Seen, info: Info) -> "ScannedLicence":
        """Show a licence."""
        licence = cast("Licence", answer(seen.disclosed, info)) if seen.disclosed else None
        fields = [ScannedField.of(each) for each in seen.verdict.fields or ()]
        return cls(verdict=Verdict.of(seen.verdict), licence=licence, fields=fields)


@strawberry.type(description="扫码结果 · What came of a scan.")
class Scan:
    """A scan."""

    scan: strawberry.Private[counters.Scan]
    verdict: Verdict = strawberry.field(description="验码结论 · On the code, or the worst of its licences'.")
    licences: list[ScannedLicence] = strawberry.field(
        description="所示证照 · The licences that were shown in the case."
    )
    presentation: strawberry.ID | None = strawberry.field(
        description="亮证编号 · The presentation that was redeemed; null if none was."
    )
    used_at: datetime | None = strawberry.field(
        description="使用时间 · Of CODE_USED, when the code was redeemed; null otherwise."
    )
    case: Case | None = strawberry.field(
        description="办件 · The case in which something was shown, with its materials as they are now; null if it is not open."
    )

    @classmethod
    def of(cls, scan: counters.Scan, info: Info) -> "Scan":
        """Show a scan."""
        return cls(
            scan=scan, verdict=Verdict.of(scan.verdict), used_at=scan.used_at,
            licences=[ScannedLicence.of(each, info) for each in scan.licences],
            presentation=strawberry.ID(scan.presentation) if scan.presentation else None,
            case=Case.of(scan.case) if scan.case else None,
        )  # fmt: skip

    @resolved("使用机构 · Of CODE_USED, who redeemed it, if that was your own authority; null otherwise.")
    def used_by(self, info: Info) -> Authority | None:
        """Name the authority in words."""
        code = self.scan.used_by
        return Authority.of(info.context.catalogue.authority(code)) if code else None


@strawberry.type(
    description="窗口码 · What a counter shows, so that a holder's app knows who asks and for what; it is no secret and proves nothing."
)
class CounterCode:
    """A counter's own code."""

    text: str = strawberry.field(
        description="码文 · The hub's address, `/C/#`, the authority's code, a dot, the item's code."
    )
    svg: str = strawberry.field(description="码图 · The QR code as SVG, with its quiet zone.")


ScanResult = Annotated[
    Scan | Problem,
    strawberry.union("ScanResult", description="What came of a scan, or why the code was not looked at."),
]


@strawberry.type
class CounterQuery:
    """What counters show; `Query` takes it over."""

    @resolved(
        "窗口码 · The code by which a counter asks holders to show their licences for an item; null if there is no such item."
    )
    def counter_code(
        self, info: Info, service_item: Annotated[str, argument("事项编码 · The service item's code.")]
    ) -> CounterCode | None:
        """Make a counter's code."""
        code = qr_code.of_text(info.context.counters.asking(service_item))
        return CounterCode(text=code.text, svg=code.svg)


@strawberry.type
class ScanMutation:
    """What counters do; `Mutation` takes it over."""

    @resolved(
        "扫码 · As a counter (a client system with the scope licence:read, or a COUNTER_CLERK), learn what a code is worth. A displayed code is "
        "redeemed, once, in a case of your authority; a printed one is verified, and in a case its granted fields are read.",
        ScanResult,
    )
    async def scan(
        self,
        info: Info,
        input: Annotated[ScanInput, argument("扫码 · The scan.")],  # noqa: A002 - GraphQL's word
    ) -> Scan | Problem:
        """Scan."""
        context, purpose = info.context, input.case.purpose() if input.case else None
        scan = await context.counters.scan(context.required_counter(), input.code, purpose, context.pending)
        return Scan.of(scan, info)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
