"""Ids of words of the audit that are put together; see tests/web/made_words.py."""

from collections.abc import Mapping

from hub.supervision.rules import RULES
from hub.supervision.steps import State
from hub.web.console.audit.facts import KINDS, KNOWN, OUTCOMES
from keys.report import Outcome

_STEPS = ("WRITTEN", "COMMITTED", "INCLUDED", "SIGNED", "WITNESSED", "CONTINUES")
_RULES = tuple(rule.name for rule in RULES)
MADE: Mapping[str, frozenset[str]] = {
    "audit.kind.{}": frozenset(KINDS),
    "audit.outcome.{}": frozenset(OUTCOMES),
    "audit.fact.{}": frozenset(KNOWN),
    "audit.count.{}": frozenset(("subjects", "parties", "rows")),
    "audit.step.{}": frozenset(_STEPS),
    "audit.step.{}.says": frozenset(_STEPS),
    "audit.outcome_of_step.{}": frozenset(Outcome),
    "audit.rule.{}": frozenset(_RULES),
    "audit.rule.{}.says": frozenset(_RULES),
    "audit.state.{}": frozenset(State),
    "audit.figure.{}": frozenset(
        (
            "misses", "refusals", "unmatched", "reads", "threshold", "minutes", "usual", "floor", "factor", "clients", "client_threshold",
            "cases", "case_threshold", "days",
        )
    ),
    "audit.outside.{}": frozenset(("keys", "witness", "verify")),
    "audit.alert.{}": frozenset(("acknowledge", "close")),
    "audit.alert.{}.button": frozenset(("acknowledge", "close")),
    "audit.alert.{}.hint": frozenset(("acknowledge", "close")),
    "{}.done": frozenset(("audit.acknowledge", "audit.close")),
    "problem.{}": frozenset(("ALERT_STATE", "LOG_SIZE_UNKNOWN")),
}  # fmt: skip
