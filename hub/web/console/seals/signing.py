"""Using a seal for a file by pages: its digest in, a detached signature out; in two steps where the owner keeps the key.

Decides only how it is asked for. A document never comes here, only its digest; whose hand may use a seal, and that the use is on record before the
signature leaves, is decided by `hub.seals.files`. The signature is handed out in the answer itself, for the hub keeps none.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER, SEAL_APPLICANT
from hub.seals.files import Sealed
from hub.seals.handed_in import digests
from hub.seals.kinds import Custody
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problem, Problems, missing, problem
from hub.web.console.seals import shown
from hub.web.console.sections import Act

HANDS: Final = (SEAL_APPLICANT, LICENCE_OFFICER)
SIGN: Final = f"{shown.SEAL}/sign"
SM3: Final = "sm3"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FIELDS: Final = {
    "INPUT_INVALID": "reason", "FILE_EMPTY": "digest", "SEAL_VALUE_INVALID": "value", "PREPARED_INVALID": "prepared",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SigningPages:
    """Seals files."""

    console: Console

    def acts(self) -> Iterator[Act]:
        """Yield what can be done, and by whom."""
        yield Act(SIGN, "GET", self.show, HANDS)
        for end, answer in (("", self._sign), ("/prepare", self._prepare), ("/complete", self._complete)):
            yield Act(f"{SIGN}{end}", "POST", partial(self.take, answer), HANDS)

    async def show(
        self, request: Request, staff: Staff, problems: Problems = NOTHING_WRONG, form: forms.Form | None = None
    ) -> Response:
        """Ask for the digest and the reason."""
        found = await run_sync(self._read, staff, request.path_params["es_id"])
        return self.console.page(
            request, "console/seals/sign.html", problems=problems, typed=form.fields if form else {}, **found
        )

    def _read(self, staff: Staff, es_id: str) -> dict[str, Any]:
        hub = self.console.hub
        seal = hub.inspection.seal(staff, es_id)
        staff.require_any(HANDS, seal.authority)
        return {"seal": seal, "kind": hub.file_sealing.form(es_id), "own": seal.custody is Custody.OWNER}

    async def take(
        self, answer: Callable[[Staff, str, forms.Form], Response], request: Request, staff: Staff
    ) -> Response:
        """Answer with a file, or show what is wrong."""
        form, es_id = await forms.read(request), request.path_params["es_id"]
        await run_sync(self._read, staff, es_id)
        digest = form.fields.get("digest", "").strip().lower()
        if not _DIGEST.fullmatch(digest):
            return await self.show(request, staff, Problems((Problem("digest", "seals.wrong.digest"),), 400), form)
        left = [
            name for name in ("prepared", "value") if request.url.path.endswith("/complete") and name not in form.files
        ]
        if left:
            return await self.show(request, staff, missing(*left), form)
        try:
            return await run_sync(answer, staff, es_id, form)
        except MENDABLE as error:
            return await self.show(request, staff, problem(error, self.console.pages.status_of, _FIELDS), form)

    # -- what is answered ----------------------------------------------------------------------------------------------

    def _sign(self, staff: Staff, es_id: str, form: forms.Form) -> Response:
        hub = self.console.hub
        return _file(es_id, hub.file_sealing.sign(staff, es_id, self._digests(es_id, form), _reason(form)))

    def _prepare(self, staff: Staff, es_id: str, form: forms.Form) -> Response:
        prepared = self.console.hub.file_sealing.prepare_for(staff, es_id, self._digests(es_id, form))
        return shown.download(prepared, f"{es_id}.prepared", "application/octet-stream")

    def _complete(self, staff: Staff, es_id: str, form: forms.Form) -> Response:
        prepared, value = form.files["prepared"], form.files["value"]
        done = self.console.hub.file_sealing.complete(
            staff, es_id, prepared, value, self._digests(es_id, form), _reason(form)
        )
        return _file(es_id, done)

    def _digests(self, es_id: str, form: forms.Form) -> Any:
        digest = bytes.fromhex(form.fields["digest"].strip())
        is_sm3 = self.console.hub.file_sealing.form(es_id).digest == SM3
        return digests(None, digest) if is_sm3 else digests(digest, None)


def _reason(form: forms.Form) -> str:
    return form.fields.get("reason", "")


def _file(es_id: str, sealed: Sealed) -> Response:
    return shown.download(sealed.der, f"{es_id}{sealed.form.suffix}", "application/octet-stream")
