"""Ids of words of sharing that are put together; see tests/web/made_words.py."""

from collections.abc import Mapping

from hub.catalogue.type_document import SharingClass
from hub.sharing.demands.life import STEPS, DemandState
from hub.sharing.demands.lists import View
from hub.sharing.demands.service import GRANT_BY_CLASS, REFUSE_BY_LIST
from hub.sharing.embargoes import Act
from hub.sharing.forms.steps import ANSWERS
from hub.sharing.forms.steps import State as DisputeState
from hub.sharing.materials.promise import Kind
from hub.sharing.policy import GrantState
from hub.sharing.records import Outcome
from hub.web.console.sharing.embargoes import DECISIONS
from hub.web.console.sharing.grants import CHANGE_FORMS, COMPARED
from hub.web.console.sharing.steps import FORMS
from hub.web.console.sharing.use import SERIES

STEP_NAMES = frozenset(form.step for form in FORMS)
CHANGES = frozenset(form.path for form in CHANGE_FORMS)
DECIDED = frozenset(form.path for form in DECISIONS) | {"propose"}
FORESEEN = frozenset((GRANT_BY_CLASS, REFUSE_BY_LIST, "WAITS"))
TASKS = frozenset(
    ("waiting", "overdue", "embargoes", "promises", "disputes", "grants", "readers", "duties", "negative")
)
MADE: Mapping[str, frozenset[str]] = {
    "sharing.class.{}": frozenset(SharingClass),
    "sharing.demand.state.{}": frozenset(DemandState),
    "sharing.demands.view.{}": frozenset(View),
    "sharing.demands.none.{}": frozenset(View),
    "sharing.step.{}": frozenset(STEPS),
    "sharing.step.do.{}": STEP_NAMES,
    "sharing.step.lead.{}": STEP_NAMES,
    "sharing.steps.ahead.{}": frozenset(("answer", "supply")),
    "sharing.note.{}": frozenset(form.step for form in FORMS if "note" in form.asks),
    "sharing.foreseen.class.{}": frozenset(SharingClass),
    "sharing.foreseen.class.text.{}": frozenset(SharingClass),
    "sharing.foreseen.{}": FORESEEN,
    "sharing.foreseen.text.{}": FORESEEN,
    "sharing.sources.lead.{}": frozenset(("demand", "grant", "negative")),
    "sharing.grant.state.{}": frozenset(GrantState),
    "sharing.grant.do.{}": CHANGES,
    "sharing.grant.lead.{}": CHANGES,
    "sharing.changed.{}": frozenset(COMPARED),
    "sharing.embargo.act.{}": frozenset(Act),
    "sharing.embargo.do.{}": DECIDED,
    "sharing.embargo.lead.{}": DECIDED,
    "sharing.outcome.{}": frozenset(Outcome),
    "sharing.dispute.state.{}": frozenset(DisputeState),
    "sharing.dispute.answer.{}": frozenset(ANSWERS),
    "sharing.promise.{}": frozenset(Kind),
    "sharing.task.{}": TASKS,
    "sharing.task.text.{}": TASKS,
    "sharing.use.{}": frozenset(SERIES),
    "sharing.left.{}": frozenset(("one", "many")),
    "sharing.overdue.days.{}": frozenset(("one", "many")),
    "{}.done": frozenset(
        (
            "sharing.step.FILE", "sharing.grant.add", "sharing.entry.add", "sharing.entry.remove", "sharing.dispute.answer",
            *(f"sharing.step.{step}" for step in STEP_NAMES), *(f"sharing.grant.{path}" for path in CHANGES),
            *(f"sharing.embargo.{path}" for path in DECIDED),
        )
    ),
    "problem.{}": frozenset(
        (
            "CORRECTION_INVALID", "DEMAND_FOUR_EYES", "DEMAND_STATE", "DEMAND_UNKNOWN", "DISPUTE_STATE", "EMBARGO_FOUR_EYES",
            "EMBARGO_STATE", "EMBARGO_UNKNOWN", "IDENTIFIER_INVALID", "ITEM_UNKNOWN", "NEGATIVE_ENTRY_UNKNOWN", "WORKING_DAYS_UNKNOWN",
        )
    ),
}  # fmt: skip
