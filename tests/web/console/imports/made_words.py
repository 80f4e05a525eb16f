"""Ids of words of imports that are put together."""

from collections.abc import Mapping

from hub.jobs.service import JobState

_ENDS = frozenset(("cancel", "settle"))
MADE: Mapping[str, frozenset[str]] = {
    "imports.state.{}": frozenset(JobState),
    **{f"imports.{{}}.{part}": _ENDS for part in ("title", "lead", "change")},
    "{}.done": frozenset(f"imports.{name}" for name in (*_ENDS, "run")),
    "problem.{}": frozenset(
        (
            "IMPORT_FILE_INVALID", "IMPORT_MAP_INVALID", "UPLOAD_TOO_LARGE", "UPLOAD_INVALID", "ALREADY_IMPORTED", "REJECTS_GONE",
            "BODY_TOO_SLOW",
        )
    ),
}  # fmt: skip
