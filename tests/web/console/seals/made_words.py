"""Ids of words of seals that are put together where they are used."""

from collections.abc import Mapping

from hub.jobs.service import JobState
from hub.seals.applications import ORGANISATION
from hub.seals.kinds import Custody, KeyPlace, Kind
from hub.seals.life import STEPS
from hub.seals.possibilities import Obstacle
from hub.seals.register import Reason
from hub.web.console.seals.keys import CHAIN, PUBLIC_KEY

_SHOWN = frozenset(STEPS) - {"APPLY", "APPROVE", "REJECT"}
"""Steps that have a page of their own."""
MADE: Mapping[str, frozenset[str]] = {
    "seals.kind.{}": frozenset(Kind),
    "seals.custody.{}": frozenset(Custody),
    "seals.why.{}": frozenset(Reason),
    "seals.did.{}": frozenset(STEPS),
    "seals.obstacle.{}": frozenset(Obstacle),
    "seals.place.{}": frozenset({*KeyPlace, "owner"}),
    "seals.source.{}": frozenset({*KeyPlace.__members__, CHAIN, PUBLIC_KEY}),
    "seals.handed.hint.{}": frozenset(Custody),
    "seals.job.{}": frozenset(JobState),
    "seals.reseal.{}": frozenset({"state", "done", "resealed", "refused", "rate", "left"}),
    "seals.step.{}.title": frozenset(STEPS) - {"APPLY"},
    **{f"seals.step.{{}}.{part}": _SHOWN for part in ("lead", "changes", "button")},
    "{}.done": frozenset(f"seals.{name}" for name in (*STEPS, "ROOT", "RESEAL")),
    "seals.wrong.{}": frozenset(
        {"form", "suite", "years", "reason", "text", "remakes", "drawn_name", "drawn_purpose", "drawn_number", *ORGANISATION}
    ),
    "problem.{}": frozenset(
        {
            "SEAL_NAME_MISMATCH", "SEAL_PURPOSE_UNKNOWN", "SEAL_LETTERS_MISSING", "SEAL_EXISTS", "SEAL_FOUR_EYES", "SEAL_REPORTED",
            "SEAL_CERTIFICATE", "SEAL_KEY_USED", "SEAL_KEY_PLACE", "SEAL_CUSTODY", "SEAL_SUSPENDED", "BUDGET_EXHAUSTED", "TOO_MANY_AT_ONCE", "PICTURE_INVALID",
            "PICTURE_NOT_PNG", "PICTURE_TOO_LARGE", "PICTURE_DAMAGED", "PICTURE_TRAILING_DATA", "PICTURE_ANIMATED", "PICTURE_DIMENSIONS",
            "PICTURE_COLOUR", "PICTURE_INFLATES", "PICTURE_OPAQUE", "PICTURE_EMPTY", "PICTURE_SIZE_MISMATCH", "FILE_EMPTY", "SEAL_VALUE_INVALID", "PREPARED_INVALID",
        }
    ),
}  # fmt: skip
