"""Steps of demands by forms: one frozen row a step, with what its form asks and how it is taken.

Decides only what is asked; whose a step is, and when, is decided by hub.sharing.demands. What somebody has not seen he does not decide on: a form holds the version that
was shown, and where that is another by now, the demand is shown as it is and nothing is done.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SHARING_STEWARD
from hub.errors import VersionConflictError
from hub.sharing.demands.demand import Answer, Demand, Refusal
from hub.sharing.demands.limits import MOST_EXTENSION
from hub.sharing.demands.service import Demands
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import NOTHING_WRONG, Problems
from hub.web.console.sections import Act
from hub.web.console.sharing.demands import DEMANDS, DemandPages, address_of
from hub.web.console.sharing.given import MENDED, Given, problems_of

Taking = Callable[[Demands, Staff, str, Given], Callable[[], Demand]]


@dataclass(frozen=True, slots=True)
class StepForm:
    """One row.

    Attributes:
        asks: what its form asks: "note", "days", "scene", "grant" or "refusal".
        taking: reads the form, and returns what is to be done.
        wrong: the field at which a refusal is told that names no other.
    """

    step: str
    asks: frozenset[str]
    taking: Taking
    wrong: str = "note"
    danger: bool = False


def _noted(step: Callable[[Demands, Staff, str, str], Demand]) -> Taking:
    """Return how a step is taken that asks for a note and nothing else."""

    def taking(demands: Demands, staff: Staff, demand: str, given: Given) -> Callable[[], Demand]:
        return partial(step, demands, staff, demand, given.said("note"))

    return taking


def _completing(demands: Demands, staff: Staff, demand: str, given: Given) -> Callable[[], Demand]:
    return partial(demands.complete, staff, demand, given.said("scene"), given.said("basis"))


def _asking_extension(demands: Demands, staff: Staff, demand: str, given: Given) -> Callable[[], Demand]:
    return partial(demands.ask_extension, staff, demand, given.count("days"), given.said("note"))


def _allowing(demands: Demands, staff: Staff, demand: str, _given: Given) -> Callable[[], Demand]:
    return partial(demands.allow_extension, staff, demand)


def _granting(demands: Demands, staff: Staff, demand: str, given: Given) -> Callable[[], Demand]:
    answer = Answer(
        given.paths, given.checks, given.roles, given.day("valid_from"), given.day("valid_until"),
        given.ticked("official_duty"), given.ticked("feed"), given.text("conditions"), given.text("reason"),
    )  # fmt: skip
    return partial(demands.grant, staff, demand, answer)


def _refusing(demands: Demands, staff: Staff, demand: str, given: Given) -> Callable[[], Demand]:
    refusal = Refusal(
        given.said("reason"), given.said("basis"), given.day("review_on"), given.paths, given.text("scope") == "item"
    )
    return partial(demands.refuse, staff, demand, refusal)


_NOTE: Final = frozenset({"note"})
FORMS: Final = (
    StepForm("GRANT", frozenset({"grant"}), _granting, "reason"),
    StepForm("REFUSE", frozenset({"refusal"}), _refusing, "reason", danger=True),
    StepForm("ASK_COMPLETION", _NOTE, _noted(Demands.ask_completion)),
    StepForm("COMPLETE", frozenset({"scene"}), _completing, "scene"),
    StepForm("ASK_EXTENSION", frozenset({"days", "note"}), _asking_extension, "days"),
    StepForm("ALLOW_EXTENSION", frozenset(), _allowing, ""),
    StepForm("DENY_EXTENSION", _NOTE, _noted(Demands.deny_extension)),
    StepForm("SUPPLY", _NOTE, _noted(Demands.supply)),
    StepForm("WITHDRAW", _NOTE, _noted(Demands.withdraw), danger=True),
)
"""In the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class StepPages:
    """Takes steps."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        found: list[Act] = []
        for form in FORMS:
            one = OneStep(self.console, self.demands, form)
            path = address_of("{demand}", form.step)
            found += [Act(path, "GET", one.ask, (SHARING_STEWARD,)), Act(path, "POST", one.take, (SHARING_STEWARD,))]
        return found


@dataclass(frozen=True, slots=True)
class OneStep:
    """The form of one step."""

    console: Console
    demands: DemandPages
    form: StepForm

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Show what the step changes, and ask for what it takes."""
        return await self._page(request, staff, {}, NOTHING_WRONG)

    async def take(self, request: Request, staff: Staff) -> Response:
        """Take the step, once."""
        sent, demand = await forms.read(request), request.path_params["demand"]
        try:
            step = self.form.taking(self.console.hub.sharing.demands, staff, demand, Given(sent.fields))
            work = partial(self._seen, staff, demand, sent.fields.get("revision", ""), step)
            return await self.console.act(staff, sent, f"sharing.step.{self.form.step}", work, f"{DEMANDS}/{demand}")
        except MENDED as error:
            found = problems_of(error, self.console.pages, {}, self.form.wrong)
            return await self._page(request, staff, sent.fields, found)

    def _seen(self, staff: Staff, demand: str, revision: str, step: Callable[[], Demand]) -> Demand:
        """Take the step on what was seen; raises VersionConflictError when it is another by now."""
        if str(self.console.hub.sharing.demand_lists.demand(staff, demand).version) != revision:
            raise VersionConflictError
        return step()

    async def _page(self, request: Request, staff: Staff, typed: Any, problems: Problems) -> Response:
        shown = await self.demands.shown(request, staff, request.path_params["demand"])
        return self.console.page(
            request, "console/sharing/step.html", typed=typed, problems=problems, form=self.form,
            most_days=MOST_EXTENSION, **shown,
        )  # fmt: skip
