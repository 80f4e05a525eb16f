"""Commands of demands and the negative list. Each step is taken by the person who signed in with `licence-hub sign-in`."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

import typer

from hub.access.staff.caller import Staff
from hub.commands.opening import AuthorityOption, opened, screen, show
from hub.commands.signing_in import signed_in
from hub.composition import Hub
from hub.errors import InputInvalidError
from hub.paging import LARGEST_PAGE, Window
from hub.sharing.demands.demand import Answer, Demand, DemandWish, Refusal
from hub.sharing.demands.lists import Asked

demands = typer.Typer(
    help="Demands for data: filed by departments, answered by owners in the time of decree 809.", no_args_is_help=True
)
negative_list = typer.Typer(help="What owners do not share, and why.", no_args_is_help=True)

DemandArgument = Annotated[str, typer.Argument(help="The demand's id; `licence-hub demand list` lists them.")]
NoteOption = Annotated[str, typer.Option("--note", help="In words; names no person.")]
BasisOption = Annotated[str, typer.Option("--basis", help="Legal basis.")]
PathOption = Annotated[list[str] | None, typer.Option("--path", help="Field path; repeat.")]
CheckOption = Annotated[list[str] | None, typer.Option("--check", help="Field path to judge only; repeat.")]
RoleOption = Annotated[list[str] | None, typer.Option("--role", help="Role of parties; repeat.")]
ReviewOption = Annotated[str, typer.Option("--review", help="Day of the review, YYYY-MM-DD.")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputInvalidError("Give days as YYYY-MM-DD.") from None


def _several(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)


def _take(step: Callable[[Hub, Staff], Demand]) -> None:
    with signed_in() as (hub, staff):
        found = step(hub, staff)
        screen.print(_told(found, hub.sharing.today()))


def _told(found: Demand, today: date) -> str:
    until = f", answer due {found.due_on}" if found.grant is None and found.refusal is None else ""
    supply = f"\ngrant: {found.grant}, supply due {found.supply_on}" if found.grant else ""
    refused = f"\nrefused: {found.refusal}" if found.refusal else ""
    late = " OVERDUE" if found.is_overdue(today) else ""
    return f"demand: {found.id}\n{found.state.value}{until}{late}{supply}{refused}"


@demands.command("list")
def demand_list(
    authority: Annotated[
        str | None, typer.Option("--authority", "-a", help="That asks or answers; all without it.")
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are late.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """List demands, with their time limits."""
    with opened() as hub:
        today = hub.sharing.today()
        rows = [_row(each, today) for each in hub.sharing.demand_lists.all(authority, Asked(overdue=overdue), today)]
    show("Demands", rows)


def _row(one: Demand, today: date) -> dict[str, Any]:
    return {
        "demand": one.id, "asks": one.wish.authority, "item": one.wish.item, "source": one.wish.source,
        "answers": one.owner or "the hub", "state": one.state.value, "due": one.due_on, "supply": one.supply_on or "",
        "overdue": "overdue" if one.is_overdue(today) else "",
    }  # fmt: skip


@demands.command("file")
def demand_file(
    authority: AuthorityOption,
    item: Annotated[str, typer.Option(help="Code of its service item.")],
    source: Annotated[str, typer.Option("--type", help="Key of the licence type or register.")],
    basis: BasisOption,
    scene: Annotated[str, typer.Option(help="For what it is used.")],
    path: PathOption = None,
    check: CheckOption = None,
    role: RoleOption = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD; one year from today without it.")] = None,
    official_duty: Annotated[bool, typer.Option("--official-duty", help="Without the holder's consent.")] = False,  # noqa: FBT002 - a flag
    feed: Annotated[bool, typer.Option("--feed", help="Deliver changes without a case.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """File a demand."""

    def step(hub: Hub, staff: Staff) -> Demand:
        today = hub.sharing.today()
        last = _day(until) if until else today + timedelta(days=365)
        wish = DemandWish(
            authority, item, source, tuple(path or ()), basis, scene, today, last, tuple(check or ()),
            tuple(role or ()), official_duty, feed,
        )  # fmt: skip
        return hub.sharing.demands.file(staff, wish)

    _take(step)


@demands.command("complete")
def demand_complete(
    demand: DemandArgument, scene: Annotated[str, typer.Option(help="For what it is used.")], basis: BasisOption
) -> None:
    """Say what was missing; the owner's time begins anew."""
    _take(lambda hub, staff: hub.sharing.demands.complete(staff, demand, scene, basis))


@demands.command("withdraw")
def demand_withdraw(demand: DemandArgument, note: NoteOption) -> None:
    """Withdraw a demand that was not answered."""
    _take(lambda hub, staff: hub.sharing.demands.withdraw(staff, demand, note))


@demands.command("ask-completion")
def demand_ask_completion(demand: DemandArgument, note: NoteOption) -> None:
    """Tell the department, once, what is missing."""
    _take(lambda hub, staff: hub.sharing.demands.ask_completion(staff, demand, note))


@demands.command("ask-extension")
def demand_ask_extension(
    demand: DemandArgument, days: Annotated[int, typer.Option(help="Working days, 1 to 10.")], note: NoteOption
) -> None:
    """Ask, once, for more time."""
    _take(lambda hub, staff: hub.sharing.demands.ask_extension(staff, demand, days, note))


@demands.command("allow-extension")
def demand_allow_extension(demand: DemandArgument) -> None:
    """Allow it, as another steward of the whole hub."""
    _take(lambda hub, staff: hub.sharing.demands.allow_extension(staff, demand))


@demands.command("deny-extension")
def demand_deny_extension(demand: DemandArgument, note: NoteOption) -> None:
    """Deny it."""
    _take(lambda hub, staff: hub.sharing.demands.deny_extension(staff, demand, note))


@demands.command("grant")
def demand_grant(
    demand: DemandArgument,
    path: PathOption = None,
    check: CheckOption = None,
    role: RoleOption = None,
    until: Annotated[str | None, typer.Option(help="Last day, YYYY-MM-DD.")] = None,
    conditions: Annotated[str, typer.Option(help="Under which conditions it is used.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is less than was asked for.")] = "",
) -> None:
    """Grant what was asked for, or less of it with a reason."""
    answer = Answer(
        _several(path), _several(check), _several(role), valid_until=_day(until) if until else None,
        conditions=conditions, reason=reason,
    )  # fmt: skip
    _take(lambda hub, staff: hub.sharing.demands.grant(staff, demand, answer))


@demands.command("refuse")
def demand_refuse(
    demand: DemandArgument,
    reason: Annotated[str, typer.Option(help="Why; everybody may read it.")],
    basis: BasisOption,
    review: ReviewOption,
    path: PathOption = None,
    for_item_only: Annotated[bool, typer.Option("--for-item-only", help="List it for this item only.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Refuse by an entry of the negative list."""
    refusal = Refusal(reason, basis, _day(review), tuple(path or ()), for_item_only)
    _take(lambda hub, staff: hub.sharing.demands.refuse(staff, demand, refusal))


@demands.command("supply")
def demand_supply(demand: DemandArgument, note: NoteOption) -> None:
    """Say that what was granted is in the hub."""
    _take(lambda hub, staff: hub.sharing.demands.supply(staff, demand, note))


@negative_list.command("list")
def negative_list_show() -> None:
    """List what is not shared."""
    rows, after = [], None
    with opened() as hub:
        while True:
            page = hub.sharing.negative_list.entries(Window(LARGEST_PAGE, after))
            rows += [
                {
                    "entry": each.id, "source": each.source, "paths": " ".join(each.paths) or "all",
                    "item": each.item or "every", "reason": each.reason, "basis": each.legal_basis,
                    "review": each.review_on,
                }
                for each in page.items
            ]  # fmt: skip
            if not page.has_next:
                break
            after = page.cursors[-1]
    show("Negative list", rows)


@negative_list.command("add")
def negative_list_add(
    source: Annotated[str, typer.Option("--type", help="Key of the licence type or register.")],
    reason: Annotated[str, typer.Option(help="Why; everybody may read it.")],
    basis: BasisOption,
    review: ReviewOption,
    path: PathOption = None,
    item: Annotated[str | None, typer.Option(help="For this service item only.")] = None,
) -> None:
    """List what its owner does not share."""
    with signed_in() as (hub, staff):
        added = hub.sharing.negative_list.add(staff, source, path or (), reason, basis, _day(review), item)
    screen.print(f"entry: {added.id}")


@negative_list.command("remove")
def negative_list_remove(
    entry: Annotated[str, typer.Argument(help="The entry's id.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Take an entry off the list after a review."""
    with signed_in() as (hub, staff):
        hub.sharing.negative_list.remove(staff, entry, reason)
    screen.print("Removed.")
