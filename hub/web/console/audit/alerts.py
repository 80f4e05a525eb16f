"""Alerts: the list, one of them, and what auditors do about it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR
from hub.paging import Window
from hub.supervision.alerts import KeptAlert, Which
from hub.supervision.refusals import AlertUnknownError
from hub.supervision.rules import RULES
from hub.supervision.steps import State
from hub.web import forms
from hub.web.console.audit.facts import AUDIT, RECORDS
from hub.web.console.audit.people import People
from hub.web.console.frame import Console
from hub.web.console.names import reader_of
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, missing, problem

ALERTS: Final = f"{AUDIT}/alerts"
ALERT: Final = f"{ALERTS}/{{alert}}"
SIZE: Final = 25
_ID: Final = re.compile(r"[0-9a-f]{1,64}")
Step = Callable[[Staff, str, str], KeptAlert]


@dataclass(frozen=True, slots=True)
class AlertPages:
    """Shows alerts, and takes down what came of them."""

    console: Console

    async def list(self, request: Request, staff: Staff) -> Response:
        """Show alerts, the newest first."""
        asked = {name: value for name, value in request.query_params.items() if value}
        which = Which(asked.get("authority"), asked.get("rule"), asked.get("state"))
        forward = "before" not in asked
        window = Window(SIZE if forward else None, asked.get("after"), None if forward else SIZE, asked.get("before"))
        page = await run_sync(self.console.hub.supervision.alerts_page, staff, window, which)
        who = await run_sync(People(self.console.hub).named, {each.client for each in page.items})
        terms = {name: value for name, value in asked.items() if name not in {"after", "before"}}
        ends = (page.cursors[0], page.cursors[-1]) if page.cursors else ("", "")
        reader = reader_of(self.console, request)
        any_of = ("", reader.words("audit.any"))
        return self.console.page(
            request, "console/audit/alerts.html", typed=asked, page=page, who=who, names=reader.names,
            rules=reader.choices("audit.rule", [rule.name for rule in RULES], any_of), states=reader.choices("audit.state", State, any_of), alerts=ALERTS,
            before=_at(terms, before=ends[0]) if page.has_previous else "", after=_at(terms, after=ends[1]) if page.has_next else "",
        )  # fmt: skip

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show an alert."""
        return await self._shown(request, staff)

    async def acknowledge(self, request: Request, staff: Staff) -> Response:
        """Take down that somebody looks into it."""
        return await self._done(request, staff, "audit.acknowledge", self.console.hub.supervision.acknowledge)

    async def close(self, request: Request, staff: Staff) -> Response:
        """Take down what it came to."""
        return await self._done(request, staff, "audit.close", self.console.hub.supervision.close)

    async def _done(self, request: Request, staff: Staff, name: str, step: Step) -> Response:
        form, alert = await forms.read(request), _id(request)
        note = form.fields.get("note", "").strip()
        if not note:
            return await self._shown(request, staff, form.fields, missing("note"))
        try:
            return await self.console.act(staff, form, name, partial(step, staff, alert, note), f"{ALERTS}/{alert}")
        except MENDABLE as error:
            return await self._shown(
                request, staff, form.fields, problem(error, self.console.pages.status_of, otherwise="note")
            )

    async def _shown(
        self, request: Request, staff: Staff, typed: Mapping[str, str] | None = None, problems: Problems = NOTHING_WRONG
    ) -> Response:
        hub = self.console.hub
        alert = await run_sync(hub.supervision.alert, staff, _id(request))
        people = {alert.client, *(done.by for done in (alert.acknowledged, alert.closed) if done)}
        who = await run_sync(People(hub).named, people - {""})
        may = staff.holds(AUDITOR, alert.authority or None)
        return self.console.page(
            request, "console/audit/alert.html", typed=typed or {}, problems=problems, alert=alert, who=who, names=reader_of(self.console, request).names,
            alerts=ALERTS, records=RECORDS, audit=AUDIT,
            step={State.RAISED: "acknowledge", State.ACKNOWLEDGED: "close"}.get(State(alert.state), "") if may else "",
        )  # fmt: skip


def _id(request: Request) -> str:
    alert = str(request.path_params["alert"])
    if not _ID.fullmatch(alert):
        raise AlertUnknownError
    return alert


def _at(terms: Mapping[str, str], **cursor: str) -> str:
    return f"{ALERTS}?{urlencode({**terms, **cursor})}"
