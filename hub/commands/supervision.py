"""Commands of supervision: `licence-hub supervision`. Figures are brought up to date first, so that they tell what is on record now."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any

import orjson
import typer

from hub.commands.opening import opened, screen, show
from hub.commands.signing_in import signed_in
from hub.composition import Hub
from hub.paging import LARGEST_PAGE, Window
from hub.supervision.alerts import KeptAlert, Which
from hub.supervision.coverage import Coverage
from hub.supervision.figures import Dimension, Figure, Wanted
from hub.supervision.latency import Latency
from hub.supervision.rebuilding import Rebuilt
from hub.supervision.rules import RULES
from hub.supervision.steps import State

supervision = typer.Typer(help="Figures, coverage and alerts, derived from the records.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
AuthorityChoice = Annotated[str | None, typer.Option("--authority", "-a", help="Only of this authority.")]
DayOption = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="A legal day.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Only compare; the exit code is 1 if anything differs.")]
AlertArgument = Annotated[str, typer.Argument(help="The alert's id, as `alerts` shows it.")]
NoteOption = Annotated[str, typer.Option(help="Why; it is recorded, and names no person.")]
MOST_DIFFERENCES = 20
_SAYS = {rule.name: rule.says for rule in RULES}


@supervision.command("figures")
def figures(
    by: Annotated[list[Dimension] | None, typer.Option(help="Told apart by this; repeat.")] = None,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day; 30 days ago without it.")
    ] = None,
    to: DayOption = None,
    authority: AuthorityChoice = None,
    type_key: Annotated[str | None, typer.Option("--type", help="Only of this licence type.")] = None,
    item: Annotated[str | None, typer.Option(help="Only for this service item.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Count licences uploaded, reads allowed, denied and missed with the time they took, and materials that need not be handed in."""
    with opened() as hub:
        catch_up(hub)
        today = hub.settings.calendar.day(hub.clock.now())
        wanted = Wanted(
            tuple(by or ()), _day(begin) or today - timedelta(days=30), _day(to) or today, authority, type_key, item
        )
        found = hub.supervision.figures.of(None, wanted)
    _print("Figures", found, [_figure(wanted, one) for one in found], as_json=as_json)


@supervision.command("coverage")
def coverage(authority: AuthorityChoice = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Compare valid licences with how many there ought to be."""
    with opened() as hub:
        found = hub.supervision.coverage(authority=authority)
    _print("Coverage", found, [_coverage(one) for one in found], as_json=as_json)


@supervision.command("deadlines")
def open_deadlines(as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Count what waits for whom today, and what is overdue: demands, their supply, promises, disputes."""
    with opened() as hub:
        found = hub.supervision.deadlines()
    rows = [{**asdict(one), "authority": one.authority or "stewards of the hub"} for one in found]
    _print("Deadlines", found, rows, as_json=as_json)


@supervision.command("alerts")
def alerts(
    authority: AuthorityChoice = None,
    state: Annotated[State | None, typer.Option(help="Only in this state.")] = None,
    rule: Annotated[
        str | None, typer.Option(help=f"Only of this rule: {', '.join(one.name for one in RULES)}.")
    ] = None,
    last: Annotated[int, typer.Option(min=1, max=LARGEST_PAGE, help="How many, the newest first.")] = 20,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """List alerts, the newest first."""
    with opened() as hub:
        catch_up(hub)
        found = hub.supervision.alerts(Window(first=last), Which(authority, rule, state)).items
    _print("Alerts", found, [_alert(one) for one in found], as_json=as_json)


@supervision.command("acknowledge")
def acknowledge(alert: AlertArgument, note: NoteOption) -> None:
    """Say that you look into an alert; for auditors who signed in."""
    with signed_in() as (hub, staff):
        hub.supervision.acknowledge(staff, alert, note)
    screen.print(f"Acknowledged. When it is settled: licence-hub supervision close {alert}")


@supervision.command("close")
def close(alert: AlertArgument, note: NoteOption) -> None:
    """Say what an acknowledged alert came to; for auditors who signed in."""
    with signed_in() as (hub, staff):
        hub.supervision.close(staff, alert, note)
    screen.print("Closed.")


@supervision.command("expect")
def expect(
    authority: Annotated[str, typer.Option("--authority", "-a", help="Credit code of the issuing authority.")],
    type_key: Annotated[str, typer.Option("--type", help="Key of the licence type.")],
    number: Annotated[int, typer.Option(help="How many licences it ought to have in the hub; 0 takes a number back.")],
    source: Annotated[str, typer.Option(help="From where that is known.")],
    as_of: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day for which it is known; today without it.")
    ] = None,
) -> None:
    """Say how many licences of a type are expected; for catalogue stewards who signed in."""
    with signed_in() as (hub, staff):
        day = _day(as_of) or hub.settings.calendar.day(hub.clock.now())
        told = hub.supervision.expect(staff, authority, type_key, number, day, source)
    show("Coverage", [_coverage(told)])


@supervision.command("rebuild")
def rebuild(
    check: CheckOption = False,  # noqa: FBT002 - a flag
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Derive figures and alerts from all records again, compare, and put them in the place of what is kept."""
    with opened() as hub:
        catch_up(hub)
        rebuilt = hub.supervision.rebuild(replace=not check)
    _report(rebuilt, check=check, as_json=as_json)
    if check and rebuilt.differences:
        raise typer.Exit(1)


def catch_up(hub: Hub) -> None:
    """Let the log take in what is on record, and fold it."""
    hub.log.integrate()
    hub.supervision.catch_up()


def _report(rebuilt: Rebuilt, *, check: bool, as_json: bool) -> None:
    if as_json:
        _json(asdict(rebuilt))
        return
    told = "differences" if check else "differences, now put right"
    screen.print(
        f"{rebuilt.records:,} records, {rebuilt.figures:,} figures, {rebuilt.alerts:,} alerts: {len(rebuilt.differences):,} {told}."
    )
    if rebuilt.differences:
        show("The first differences", [asdict(one) for one in rebuilt.differences[:MOST_DIFFERENCES]])


def _figure(wanted: Wanted, one: Figure) -> dict[str, Any]:
    """Show a group in few columns: a service item's code alone is 31 characters."""
    names = (one.month, one.day, one.authority, one.type_key, one.item)
    reads = {"allowed": one.allowed, "missed": one.missed, **dict(sorted(one.denied.items()))}
    saved = {"exempt": one.exempted, "committed": one.committed, "deferred": one.deferred, "presented": one.presented}
    told: dict[str, Any] = {
        "of": "\n".join(name or "-" for name in names if name is not None) or "everything", "uploaded": one.uploaded,
        "reads": "\n".join(f"{count:,} {name}" for name, count in reads.items()),
        "materials": "\n".join(f"{count:,} {name}" for name, count in saved.items()),
    }  # fmt: skip
    return told | ({"ms: p50, p95, p99": " ".join(_quantiles(one.latency))} if wanted.is_timed else {})


def _quantiles(timed: Latency | None) -> Iterable[str]:
    for each in (timed.p50, timed.p95, timed.p99) if timed else ():
        yield ">23000" if each is None else f"{each * 1000:.0f}"


def _coverage(one: Coverage) -> dict[str, Any]:
    said = one.expected
    return {
        "authority": one.authority, "type": one.type_key, "valid": one.valid, "kept": one.kept,
        "expected": f"{said.number} on {said.as_of}, {said.source}" if said else "nobody said",
        "share": "" if one.share is None else f"{one.share:.1%}",
    }  # fmt: skip


def _alert(one: KeptAlert) -> dict[str, Any]:
    """Show an alert in three columns: with more of them, words would be broken on a narrow screen."""
    figures = [f"{name.replace('_', ' ')} {value}" for name, value in one.figures.items()]
    steps = [
        f"{name}: {done.note}" for name, done in (("acknowledged", one.acknowledged), ("closed", one.closed)) if done
    ]
    moment = f"{one.at:%Y-%m-%d %H:%M:%S}Z"
    return {
        "alert": one.id,
        "what and whose": "\n".join((f"{one.rule} {one.state}", _SAYS[one.rule], moment, one.client, one.authority)),
        "figures, and what was done": "\n".join((*figures, *steps)),
    }


def _print(title: str, found: Iterable[Any], rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        _json([asdict(one) for one in found])
    else:
        show(title, rows)


def _json(value: Mapping[str, Any] | list[Any]) -> None:
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter("A day is written YYYY-MM-DD.") from None
