"""Evidence packages at the command line: `licence-hub evidence CASE` writes one, `licence-hub verify FILE.zip` (`hub.commands.verifying`) checks one.

A package is written for an auditor who signed in, after its records are durable. Checking reads no setting, opens no database and asks no
network: it believes the keys that are given to it, which came by another way than the package, and nothing else.
"""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape

from hub.access.staff.caller import Staff
from hub.audit.service import Pending
from hub.clock import SystemClock
from hub.commands.offline import keys_in
from hub.commands.opening import AuthorityOption, screen, show
from hub.commands.signing_in import signed_in
from hub.commands.whole_files import PRIVATE, read_small, written
from hub.composition import Hub
from hub.errors import InputInvalidError
from hub.evidence.service import EvidencePackage, Wish
from keys import evidence_verification, trust_list
from keys.errors import FormatError
from keys.evidence_verification import Anchors, AnswerReport, EvidenceReport
from keys.report import Check, Result
from keys.signed_note import Verifier


@dataclass(frozen=True, slots=True)
class Notes:
    """Keys of signed notes that are believed, each as text or as a file with one a line."""

    log_keys: Sequence[str] = ()
    witness_keys: Sequence[str] = ()


def evidence(
    case: Annotated[str, typer.Argument(help="The case's number.")],
    authority: AuthorityOption,
    item: Annotated[str, typer.Option(help="The case's service item.")],
    record: Annotated[
        str | None, typer.Option(help="One answer only: its record, which a receipt names in jti.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")] = Path("evidence.zip"),
) -> None:
    """Write the evidence package of a case: what left in it and all that proves it; takes an auditor of the authority."""
    wish = Wish(authority, item, case, record)
    with (
        signed_in() as (hub, staff),
        written(output, PRIVATE) as file,
    ):  # before anything leaves, so that none does for nothing
        made = asyncio.run(_recorded(hub, staff, wish))
        file.write(made.content)
    screen.print(
        f"{output}: {made.answers} answers, {made.missing} of them without what left, {len(made.content)} bytes"
    )


def check_package(content: bytes, keys: Path | None, newer: Path | None, ways: Notes, *, json: bool) -> int:
    """Check an evidence package, print the report, and return the exit code: 0 only if every check passed, else 1."""
    listed = None if newer is None else read_small(newer, trust_list.MOST_BYTES)
    anchors = Anchors(
        keys=keys_in(keys) if keys else (), log_keys=_verifiers(ways.log_keys), witnesses=_verifiers(ways.witness_keys),
        trust_list=listed, at=SystemClock().now() if listed else None,
    )  # fmt: skip
    report = evidence_verification.verify(content, anchors)
    if json:
        sys.stdout.write(f"{orjson.dumps(as_json(report), option=orjson.OPT_INDENT_2).decode()}\n")
    else:
        _tell(report)
    return 0 if report.result is Result.TOTAL_PASSED else 1


async def _recorded(hub: Hub, staff: Staff, wish: Wish) -> EvidencePackage:
    """Make a package; it leaves after its records are durable, under the policy that it was made by."""
    pending = Pending(epoch=hub.epoch())
    try:
        try:
            made = await hub.evidence.of_staff(staff, wish, pending)
        finally:
            if pending.entries:
                await hub.recorder.commit(pending)
    finally:
        await hub.reader.close()
    return made


def _verifiers(given: Iterable[str]) -> tuple[Verifier, ...]:
    """Read keys of signed notes, each as text or as a file with one a line."""
    lines = (line for text in given for line in _lines(text))
    try:
        return tuple(Verifier.from_text(line) for line in lines)
    except FormatError as error:
        raise InputInvalidError(f"That is no key of a log or witness: {error}.") from error


def _lines(text: str) -> Sequence[str]:
    if "+" in text:
        return [text]
    content = read_small(Path(text)).decode("utf-8", errors="replace")
    return [line for line in content.splitlines() if line.strip()]


def as_json(report: EvidenceReport) -> dict[str, Any]:
    """Return a report for programs."""
    return {
        "result": report.result,
        "hub": report.hub,
        "made_at": _iso(report.made_at),
        "checks": [_row(check) for check in report.checks],
        "answers": [
            {
                "record": one.record, "result": one.result, "told": one.told, "values": one.values,
                "checks": [_row(check) for check in one.checks],
            }
            for one in report.answers
        ],
    }  # fmt: skip


def _row(check: Check) -> dict[str, Any]:
    return {
        "name": check.name, "outcome": check.outcome, "sub_indication": check.sub_indication, "detail": check.detail,
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _tell(report: EvidenceReport) -> None:
    """Print a report: the package, each answer with what is proven of it, the result last. Texts in it are strangers' words."""
    _show("Package", report.checks)
    for one in report.answers:
        _show(f"Answer {escape(one.record)}: {one.result.value}", one.checks)
        _tell_answer(one)
    every = [*report.checks, *(check for one in report.answers for check in one.checks)]
    reasons = ", ".join(sorted({each.sub_indication for each in every if each.sub_indication}))
    screen.print(f"{report.result.value}{reasons and f': {reasons}'}")


def _tell_answer(one: AnswerReport) -> None:
    for name, told in (one.told or {}).items():
        if told is not None:
            screen.print(f"{name}: {told}", markup=False, highlight=False)
    if one.values is not None:
        screen.print(f"values: {orjson.dumps(one.values).decode()}", markup=False, highlight=False)


def _show(title: str, checks: Iterable[Check]) -> None:
    show(title, [
        {
            "check": each.name, "outcome": each.outcome.value, "why": each.sub_indication or "",
            "detail": escape(each.detail),
        }
        for each in checks
    ])  # fmt: skip
