"""Looking at seals and applications: lists, one seal, one application, pictures and files to keep.

Decides what is shown together, never who may see it: lists show what `hub.seals.inspection` lets somebody see, pictures and SES_Seals what
`hub.seals.office` shows to those who have a part. Whatever may be done next is a link, and only to whom it is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER, SEAL_APPLICANT
from hub.clock import from_micros
from hub.errors import InputInvalidError
from hub.seals.life import SealStatus
from hub.seals.office import Application
from hub.seals.pictures.purposes import PURPOSES
from hub.seals.published import PublishedList
from hub.seals.register import Reason, Seal
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems
from hub.web.console.seals import shown
from hub.web.console.seals.uses import plotted
from hub.web.words.catalogues import Words, words

LISTED: Final = (
    SealStatus.ACTIVE, SealStatus.MADE, SealStatus.SUSPENDED, SealStatus.REVOKED, SealStatus.EXPIRED,
)  # fmt: skip
DECIDED: Final = (SealStatus.APPLIED, SealStatus.APPROVED, SealStatus.MADE, SealStatus.REJECTED)
_WAITING: Final = 10
_USES: Final = 10
_YEAR: Final = timedelta(days=365)
_TRUST_LIST: Final = "trust-list"


@dataclass(frozen=True, slots=True)
class Looking:
    """Shows seals."""

    console: Console

    # -- lists -------------------------------------------------------------------------------------------------------

    async def seals(self, request: Request, staff: Staff) -> Response:
        """List seals, and what waits for who looks."""
        hub, terms, status = self.console.hub, _terms(request), _status(request, LISTED)
        window = shown.window(request)

        def read() -> tuple[Any, Any]:
            part = hub.inspection.seals_in_reach(staff, window, terms["authority"] or None, status)
            return part, hub.inspection.waiting(staff, _WAITING)

        page, waiting = await run_sync(read)
        return self.console.page(
            request, "console/seals/list.html", page=page, status_of=hub.inspection.status, waiting=waiting, statuses=LISTED,
            **self._list(staff, shown.ROOT, terms, page),
        )  # fmt: skip

    async def applications(self, request: Request, staff: Staff) -> Response:
        """List applications, the oldest first."""
        hub, terms, status = self.console.hub, _terms(request), _status(request, DECIDED)
        window = shown.window(request)
        page = await run_sync(
            lambda: hub.inspection.applications_in_reach(
                staff, window, terms["authority"] or None, (status,) if status else ()
            )
        )
        return self.console.page(
            request, "console/seals/applications.html", page=page, statuses=DECIDED,
            **self._list(staff, shown.APPLICATIONS, terms, page),
        )  # fmt: skip

    def _list(self, staff: Staff, path: str, terms: Mapping[str, str], page: Any) -> dict[str, Any]:
        hub = self.console.hub
        return {
            "terms": terms, "beside": shown.beside(path, terms, page), "authorities": shown.authorities(hub, staff),
            "known": hub.catalogue.current.authorities, "has_part": lambda code: shown.has_part(staff, code),
            "applies": bool(shown.applying(hub, staff)), "moment": from_micros, "list_path": path,
        }  # fmt: skip

    # -- one of them -------------------------------------------------------------------------------------------------

    async def application(self, request: Request, staff: Staff) -> Response:
        """Show an application, with everything that is approved by approving it."""
        return await self.application_page(request, staff)

    async def application_page(
        self, request: Request, staff: Staff, problems: Problems = NOTHING_WRONG, typed: Mapping[str, str] | None = None
    ) -> Response:
        """Show it, with what is wrong with a decision about it."""
        found = await run_sync(self.read_application, staff, request.path_params["application"])
        return self.console.page(
            request, "console/seals/application.html", problems=problems, typed=typed or {}, **found
        )

    def read_application(self, staff: Staff, application_id: str) -> dict[str, Any]:
        """Return what pages say of an application."""
        found = self.console.hub.inspection.application(staff, application_id)
        return {**self._facts(staff, found), "application": found}

    async def seal(self, request: Request, staff: Staff) -> Response:
        """Show a seal."""
        hub = self.console.hub
        found = await run_sync(self.read_seal, staff, request.path_params["es_id"])
        listed: PublishedList = await hub.seal_lists.present(_TRUST_LIST)
        more = await run_sync(self._more, found["seal"], words(self.console.pages.language(request)))
        return self.console.page(request, "console/seals/seal.html", listed=listed, **found, **more)

    def read_seal(self, staff: Staff, es_id: str) -> dict[str, Any]:
        """Return what pages say of a seal."""
        inspection = self.console.hub.inspection
        seal = inspection.seal(staff, es_id)
        application = inspection.of_seal(staff, es_id)
        return {
            **self._facts(staff, application), "application": application, "seal": seal, "standing": inspection.status(seal),
            "successor": inspection.successor(seal),
        }  # fmt: skip

    def _facts(self, staff: Staff, application: Application) -> dict[str, Any]:
        hub = self.console.hub
        history = hub.inspection.history(staff, application.id)
        part = shown.has_part(staff, application.authority)
        look = hub.seal_office.impression(staff, application.id) if part and application.has_picture else None
        return {
            "history": history, "logins": hub.staff.members.logins(each.staff for each in history), "revision": len(history),
            "possible": hub.inspection.possible(staff, application), "look": look, "part": part, "purpose": PURPOSES.get(application.purpose or ""),
            "known": hub.catalogue.current.authorities, "moment": from_micros, "pixels": shown.pixels, "leads": partial(self.console.leads, staff), "addresses": shown.ADDRESSES, "me": staff.id,
            "applies": staff.holds(SEAL_APPLICANT, application.authority), "officer": staff.holds(LICENCE_OFFICER, application.authority),
        }  # fmt: skip

    def _more(self, seal: Seal, say: Words) -> dict[str, Any]:
        """Return what only the page of a seal says: its uses and its entry in the trust list."""
        hub = self.console.hub
        today = hub.settings.calendar.day(hub.clock.now())
        used = hub.supervision.figures.sealed(seal.authority, seal.es_id, today - _YEAR, today)
        uses = hub.seal_office.uses.latest(seal.es_id, _USES)
        entry = hub.inspection.entry(seal, hub.settings.public_url)
        return {
            "months": used, "plot": plotted(used, today, say), "uses": uses,
            "users": hub.staff.members.logins(each.staff for each in uses), "types": hub.catalogue.current.types,
            "entry": orjson.dumps(entry, option=orjson.OPT_INDENT_2).decode(), "compromised": seal.revoked_for is Reason.KEY_COMPROMISE,
            "signs": self._signs_files(seal),
        }  # fmt: skip

    def _signs_files(self, seal: Seal) -> bool:
        """Tell whether the seal can be used for files now: it is active, and of a suite that has a form for them."""
        try:
            self.console.hub.file_sealing.form(seal.es_id)
        except MENDABLE:
            return False
        return True

    # -- pictures and files ------------------------------------------------------------------------------------------

    async def application_picture(self, request: Request, staff: Staff) -> Response:
        """Answer with the picture of an application."""
        read = self.console.hub.seal_office.impression
        return shown.picture(await run_sync(read, staff, request.path_params["application"]))

    async def seal_picture(self, request: Request, staff: Staff) -> Response:
        """Answer with the picture of a seal."""
        read = self.console.hub.seal_office.picture_for
        return shown.picture(await run_sync(read, staff, request.path_params["es_id"]))

    async def ses_seal(self, request: Request, staff: Staff) -> Response:
        """Hand the SES_Seal out to who has a part in the seal (GB/T 38540-2020, DER)."""
        es_id = request.path_params["es_id"]
        der = await run_sync(self.console.hub.seal_office.ses_seal_for, staff, es_id)
        if der is None:
            raise InputInvalidError("Seals of this suite have no SES_Seal; SM2-SM3 and ES256 have.")
        return shown.download(der, f"{es_id}.esl", "application/octet-stream")

    async def certificates(self, request: Request, staff: Staff) -> Response:
        """Hand out the certificates of a seal, the newest first, each with its issuers."""
        es_id = request.path_params["es_id"]
        seal = await run_sync(self.console.hub.inspection.seal, staff, es_id)
        pem = [one.to_pem() for each in reversed(seal.signers) for one in (each.certificate, *each.issuers)]
        return shown.download(b"".join(pem), f"{es_id}.pem", "application/x-pem-file")


def _terms(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in ("authority", "status")}


def _status(request: Request, allowed: tuple[SealStatus, ...]) -> SealStatus | None:
    given = request.query_params.get("status", "")
    found = next((each for each in allowed if each.value == given), None)
    if given and found is None:
        raise InputInvalidError("There is no such status in this list.")
    return found
