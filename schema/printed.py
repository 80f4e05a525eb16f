"""Printed codes: the code of a licence for who may print it, and the verdict on one for everybody."""

from datetime import date, datetime
from typing import Annotated, Self

import strawberry

from hub.counters import verdict as counters
from schema.context import Info
from schema.fields import argument, resolved
from schema.problems import BilingualText
from schema.verdict_enums import VerdictColour, VerdictWord
from schema.verification import VerificationCheck


@strawberry.type(description="证照二维码 · The printed code of a licence. It proves the licence, not who carries it.")
class PrintedCode:
    """A code that was made."""

    text: str = strawberry.field(
        description="码文 · The text that the code holds: the hub's address, `/V/#` and the token."
    )
    svg: str = strawberry.field(
        description="码图 · The QR code as SVG, with its quiet zone; print it 25 mm wide or more."
    )


@strawberry.type(description="证照摘要 · What anybody may know of a licence.")
class ShownLicence:
    """A licence that a code proves."""

    identifier: str = strawberry.field(description="电子证照标识 · Identifier (GB/T 36904).")
    type: str = strawberry.field(description="类型键 · The key of its type, or its code where no type here has it.")
    type_names: BilingualText = strawberry.field(description="证照名称 · The names of its type.")
    issuer: str = strawberry.field(description="发证机关代码 · The credit code of the authority that issued it.")
    issuer_names: BilingualText = strawberry.field(description="发证机关 · That authority's names.")
    holder: str | None = strawberry.field(
        description="持证主体 · The holder as the code names him, masked; null if it does not."
    )
    valid_from: date | None = strawberry.field(description="有效期自 · Its first day.")
    valid_until: date | None = strawberry.field(description="有效期至 · Its last day; null is long-term.")
    seal: str = strawberry.field(description="电子印章编码 · The esID of the seal that signed the code.")
    seal_names: BilingualText = strawberry.field(description="印章名称 · That seal's name.")

    @classmethod
    def of(cls, shown: counters.ShownLicence) -> Self:
        """Show a licence."""
        return cls(
            identifier=shown.identifier, type=shown.type, type_names=_both(shown.type_names), issuer=shown.issuer,
            issuer_names=_both(shown.issuer_names), holder=shown.holder, valid_from=_day(shown.valid_from),
            valid_until=_day(shown.valid_until), seal=shown.seal, seal_names=_both(shown.seal_names),
        )  # fmt: skip


@strawberry.type(description="验码结论 · What a code is worth, in one word and one colour.")
class Verdict:
    """The verdict on one code."""

    word: VerdictWord = strawberry.field(description="结论 · The word.")
    colour: VerdictColour = strawberry.field(description="颜色 · Green is VALID alone.")
    reason: str = strawberry.field(
        description="原因 · A stable key of the reason: a word, or one of those in the guide."
    )
    checks: list[VerificationCheck] = strawberry.field(
        description="检查项 · Every check, in order; empty if it is no code."
    )
    licence: ShownLicence | None = strawberry.field(description="证照 · The licence; null unless the code is genuine.")
    as_of: datetime | None = strawberry.field(description="状态时间 · When its status was so.")

    @classmethod
    def of(cls, verdict: counters.Verdict) -> Self:
        """Show a verdict."""
        return cls(
            word=VerdictWord(verdict.word), colour=VerdictColour(verdict.colour), reason=verdict.reason,
            checks=[VerificationCheck.of(row) for row in verdict.checks],
            licence=ShownLicence.of(verdict.licence) if verdict.licence else None, as_of=verdict.as_of,
        )  # fmt: skip


@strawberry.type
class PrintedCodeQuery:
    """What anybody may check; `Query` takes it over."""

    @resolved(
        "验码 · Check a printed code: the text that a scanner read. Whatever it holds, there is a verdict; anybody may ask. It proves "
        "the licence, not who carries it."
    )
    async def verify_code(self, info: Info, code: Annotated[str, argument("码文 · What the scanner read.")]) -> Verdict:
        """Verify a code."""
        return Verdict.of(await info.context.codes.public.verify(code))


def _both(names: counters.Names) -> BilingualText:
    return BilingualText(zh=names.zh, en=names.en)


def _day(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None
