"""Licences sealed anew after a theft: asked for by a licence officer, watched as a job that a worker runs.

Decides only how it is asked for and shown; the job goes on without the page, and without anybody looking.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.clock import from_micros
from hub.errors import JobUnknownError, SealMissingError, SealUnusableError
from hub.jobs.service import JobState, Progress
from hub.licences.resealing import outcome
from hub.seals.register import Seal
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, problem
from hub.web.console.seals import shown
from hub.web.pages import KEPT_NOWHERE, wants_json
from hub.web.policy import HEADERS
from hub.web.words.catalogues import words
from hub.web.words.dates import Dates

RESEAL: Final = f"{shown.SEAL}/reseal"
RESEALING: Final = f"{shown.SEAL}/resealing/{{job}}"
_GOING_ON: Final = frozenset({JobState.WAITING, JobState.RUNNING})


@dataclass(frozen=True, slots=True)
class ResealingPages:
    """Asks for the job, and shows how far it is."""

    console: Console

    async def ask(
        self, request: Request, staff: Staff, problems: Problems = NOTHING_WRONG, typed: Any = None
    ) -> Response:
        """Say what will happen, and ask for reason and legal basis."""
        found = await run_sync(self._read, staff, request.path_params["es_id"])
        return self.console.page(
            request, "console/seals/reseal.html", problems=problems, typed=typed or {}, moment=from_micros, **found
        )

    def _read(self, staff: Staff, es_id: str) -> dict[str, Any]:
        hub = self.console.hub
        seal = hub.inspection.seal(staff, es_id)
        return {"seal": seal, "under": self._under(seal), "jobs": hub.resealing.jobs_of(staff, es_id)}

    def _under(self, seal: Seal) -> Seal | None:
        """Return the seal under which its licences would be; None: there is no other that may seal now."""
        try:
            found = self.console.hub.seals.seal(self.console.hub.seals.sealer(seal.authority).es_id)
        except (SealMissingError, SealUnusableError):
            return None
        return found if found.es_id != seal.es_id else None

    async def start(self, request: Request, staff: Staff) -> Response:
        """Ask for the job; asked for again, it is the same."""
        form, es_id = await forms.read(request), request.path_params["es_id"]
        given = {"kid": "", "basis": "", "reason": "", **form.fields}
        try:
            seal = await run_sync(self.console.hub.inspection.seal, staff, es_id)
            if given["kid"] not in {each.kid for each in seal.signers}:
                raise SealMissingError("The seal never had this key.")
            work = partial(self.console.hub.resealing.start, staff, given["kid"], given["basis"], given["reason"])
            return await self.console.act(
                staff, form, "seals.RESEAL", work, lambda job: f"{shown.ROOT}/{es_id}/resealing/{job}"
            )
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, {"INPUT_INVALID": "basis"})
            return await self.ask(request, staff, told, form.fields)

    async def watch(self, request: Request, staff: Staff) -> Response:
        """Show how far it is; a script asks for the figures alone."""
        hub, es_id = self.console.hub, request.path_params["es_id"]
        told = await run_sync(hub.resealing.of, staff, request.path_params["job"])
        seal = await run_sync(hub.inspection.seal, staff, es_id)
        if told.arguments["kid"] not in {each.kid for each in seal.signers}:
            raise JobUnknownError
        said, running = self._said(request, told), told.state in _GOING_ON
        if wants_json(request):
            body = {"said": said, "done": told.done, "total": told.total, "running": running}
            return Response(orjson.dumps(body), headers={**HEADERS, **KEPT_NOWHERE}, media_type="application/json")
        return self.console.page(
            request, "console/seals/resealing.html", seal=seal, told=told, said=said, running=running, moment=from_micros,
        )  # fmt: skip

    def _said(self, request: Request, told: Progress) -> dict[str, str]:
        """Return the figures in words."""
        language = self.console.pages.language(request)
        say, came = words(language), outcome(told)
        ended = from_micros(told.ended_at) if told.ended_at else self.console.hub.clock.now()
        rate = told.done / max((ended - from_micros(told.started_at)).total_seconds(), 1)
        left = timedelta(seconds=(told.total - told.done) / rate) if rate and told.state is JobState.RUNNING else None
        return {
            "state": say(f"seals.job.{told.state}"), "done": f"{told.done:,} / {told.total:,}", "resealed": f"{came.resealed:,}",
            "refused": f"{came.refused:,}", "rate": say("seals.reseal.rate.value", rate=f"{rate:,.0f}"),
            "left": Dates(language, self.console.pages.calendar).span(left) if left is not None else "–",
            "refused_note": say("seals.reseal.refused.note") if came.refused else "",
        }  # fmt: skip
