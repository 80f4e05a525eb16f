"""Verdicts of every kind, for pages that show them."""

from dataclasses import replace
from datetime import UTC, datetime

from hub.counters.verdict import Names, ShownField, ShownLicence, Verdict, Why, Word, said
from keys.report import Check, Outcome

EVIL = "\"><script src=//evil.example></script><img src=x onerror=alert(1)>' {{ 7*7 }} {x} </template></script>\u202e"
LICENCE = ShownLicence(
    "1.2.156.3005.2.11990100MB0000001T.1100000000001.7X4PQ2M9ABCDEFGHJKLM.001.P", "BusinessLicence",
    Names("营业执照", "Business licence"), "11990100MB0000001T", Names("虚构市市场监督管理局", "Invented Market Bureau"),
    "虚构*****有限公司", "2024-01-01", None, "99010000000001", Names("虚构市市场监督管理局电子证照专用章", "Seal"),
)  # fmt: skip
ALTERED = (
    Check("FORMAT", Outcome.PASSED, None, "well-formed"),
    Check("SIGNATURE", Outcome.FAILED, "SIG_CRYPTO_FAILURE", "the signature does not match"),
    Check("STATUS", Outcome.INDETERMINATE, "GENERIC", "not made, because of SIGNATURE"),
)
PASSED = tuple(Check(name, Outcome.PASSED, None, "good") for name in ("FORMAT", "SIGNATURE", "STATUS"))
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
GOOD = Verdict(Word.VALID, Word.VALID, PASSED, LICENCE, NOW)
VERDICTS = {
    "GOOD": GOOD,
    "REVOKED": replace(GOOD, word=Word.REVOKED, reason=Word.REVOKED),
    "OFFLINE": replace(GOOD, online=False, fields=(ShownField("name", Names("名称", "Name"), "虚构有限公司"),)),
    "FORGED": Verdict(Word.NOT_GENUINE, Why.ALTERED, ALTERED),
    "UNKNOWN": replace(GOOD, word=Word.CANNOT_CONFIRM, reason=Why.NO_STATUS, as_of=None),
    "OTHER": said(Word.OTHER_HUB),
    "EVIL": replace(
        GOOD,
        licence=ShownLicence(EVIL, EVIL, Names(EVIL, EVIL), EVIL, Names(EVIL, EVIL), EVIL, "2024-01-01", "2025-01-01", EVIL, Names(EVIL, EVIL)),
        checks=(Check(EVIL, Outcome.PASSED, EVIL, EVIL),),
        fields=(ShownField(EVIL, Names(EVIL, EVIL), {EVIL: [EVIL]}),),
    ),
}  # fmt: skip
"""What the stand-in says of the codes of these names; of all others, that they are none."""


async def verify(text: str) -> Verdict:
    """Stand in for hub.counters where only the page is tried."""
    return VERDICTS.get(text, said(Word.NOT_A_CODE))


async def text_in(picture: bytes) -> str | Verdict:
    """Stand in for what reads pictures: the name of a verdict is a code."""
    text = picture[:20].decode("latin-1")
    return text if text in VERDICTS else Verdict(Word.NOT_A_CODE, Why.NOTHING_FOUND)
