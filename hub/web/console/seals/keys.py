"""Keys of seals: made with a seal, given to it anew, or requested so that an outside authority certifies them; and the roots of suites.

Decides which sources of a key are offered: places that this hub has, an owner's public key, an outside authority's chain. What is handed in is read
strictly by `hub.seals.handed_in`; no private key ever comes or goes here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SEAL_MAKER
from hub.errors import InputInvalidError
from hub.seals.certifying import KeySource
from hub.seals.handed_in import key_source
from hub.seals.inspection import READERS
from hub.seals.kinds import SUITE_NAMES, Custody, KeyPlace
from hub.seals.life import STEPS
from hub.seals.office import Application
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, missing, problem
from hub.web.console.seals import shown
from hub.web.console.seals.looking import Looking
from hub.web.console.seals.stepping import require_seen
from hub.web.console.sections import Act

ROOTS: Final = f"{shown.ROOT}/roots"
CHAIN, PUBLIC_KEY = "CHAIN", "PUBLIC_KEY"
_OF_SEALS: Final = frozenset({"ROTATE", "REQUEST_ROTATION"})
_REQUESTS: Final = frozenset({"REQUEST", "REQUEST_ROTATION"})
_FIELDS: Final = {
    "SEAL_CERTIFICATE": "handed", "SEAL_KEY_USED": "handed", "SEAL_KEY_PLACE": "source", "SEAL_CUSTODY": "source", "INPUT_INVALID": "handed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyPages:
    """Steps that make or take a key."""

    console: Console
    looking: Looking

    def acts(self) -> Iterator[Act]:
        """Yield what can be done, and by whom."""
        yield Act(ROOTS, "GET", self.roots, READERS, "seals.roots.title")
        yield Act(f"{ROOTS}/{{suite}}", "GET", self.root, (SEAL_MAKER,))
        yield Act(f"{ROOTS}/{{suite}}", "POST", self.make_root, (SEAL_MAKER,))
        for name in ("MAKE", "REQUEST", "ROTATE", "REQUEST_ROTATION"):
            path = f"{shown.SEAL if name in _OF_SEALS else shown.APPLICATION}/{shown.ADDRESSES[name]}"
            yield Act(path, "GET", partial(self.show, name), STEPS[name].roles)
            yield Act(path, "POST", partial(self.take, name), STEPS[name].roles)
        for path in (shown.SEAL, shown.APPLICATION):
            yield Act(f"{path}/request.pem", "GET", self.requested, (SEAL_MAKER,))

    async def show(
        self, name: str, request: Request, staff: Staff, problems: Problems = NOTHING_WRONG, typed: Mapping[str, str] | None = None
    ) -> Response:  # fmt: skip
        """Show whose key it will be, and where it may come from."""
        found = await run_sync(self._read, name, request, staff)
        return self.console.page(
            request, "console/seals/key.html", problems=problems, typed=typed or {}, step=name, **found
        )

    def _read(self, name: str, request: Request, staff: Staff) -> dict[str, Any]:
        if name in _OF_SEALS:
            es_id = request.path_params["es_id"]
            found = self.looking.read_seal(staff, es_id)
            more = {
                "back": f"{shown.ROOT}/{es_id}",
                "replaces": found["seal"].signers[-1].kid if name == "ROTATE" else "",
            }
        else:
            found = self.looking.read_application(staff, request.path_params["application"])
            more = {"back": f"{shown.APPLICATIONS}/{found['application'].id}", "replaces": ""}
        application: Application = found["application"]
        sources = self._places() if name in _REQUESTS else self._sources(application)
        return {
            **found,
            **more,
            "sources": sources,
            "has_root": application.suite in self.console.hub.seals.register.makers,
        }

    def _places(self) -> tuple[str, ...]:
        """Return the places in which this hub can make keys."""
        hardware = self.console.hub.settings.pkcs11_module is not None
        return tuple(each.name for each in KeyPlace if hardware or each is KeyPlace.STORE)

    def _sources(self, application: Application) -> tuple[str, ...]:
        """Return where the key of a seal may come from."""
        if application.custody is Custody.OWNER:
            return (PUBLIC_KEY, CHAIN)
        return (CHAIN, *self._places()) if application.requested else self._places()

    # -- taking a step -----------------------------------------------------------------------------------------------

    async def take(self, name: str, request: Request, staff: Staff) -> Response:
        """Take it: make the seal, give it a key, or ask for a certificate."""
        form = await forms.read(request)
        source = form.fields.get("source", "")
        if source in {CHAIN, PUBLIC_KEY} and "handed" not in form.files:
            return await self.show(name, request, staff, missing("handed"), {"source": source})
        try:
            work = partial(self._done, name, request, staff, form)
            return await self.console.act(staff, form, f"seals.{name}", work, str)
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, _FIELDS)
            return await self.show(name, request, staff, told, {"source": source})

    def _done(self, name: str, request: Request, staff: Staff, form: forms.Form) -> str:
        """Take the step and return where it leads: to the seal, or to the application that waits for a certificate."""
        inspection, changes = self.console.hub.inspection, self.console.hub.seal_office.changes
        given = request.path_params
        application = given["application"] if "application" in given else inspection.of_seal(staff, given["es_id"]).id
        require_seen(form, len(inspection.history(staff, application)))
        source = source_of(form)
        if name in _REQUESTS:
            changes.request(staff, application, source.place)
            return shown.place_of(given)
        if name == "MAKE":
            return f"{shown.ROOT}/{changes.make(staff, application, source).es_id}"
        replaces = form.fields.get("replaces") or None
        return f"{shown.ROOT}/{changes.rotate(staff, given['es_id'], source, replaces=replaces).es_id}"

    async def requested(self, request: Request, staff: Staff) -> Response:
        """Hand the request out that waits for an outside authority's answer (PKCS#10, PEM)."""
        hub, given = self.console.hub, request.path_params

        def read() -> bytes:
            application = (
                given["application"] if "application" in given else hub.inspection.of_seal(staff, given["es_id"]).id
            )
            return hub.seal_office.changes.requested(staff, application)

        return shown.download(await run_sync(read), "request.pem", "application/pkcs10")

    # -- roots -------------------------------------------------------------------------------------------------------

    async def roots(self, request: Request, staff: Staff) -> Response:
        """Show the root and the maker of each suite."""
        return self.console.page(
            request, "console/seals/roots.html", suites=SUITE_NAMES, makers=self.console.hub.seals.register.makers, whole=staff.holds(SEAL_MAKER)
        )  # fmt: skip

    async def root(self, request: Request, staff: Staff, problems: Problems = NOTHING_WRONG) -> Response:
        """Ask for the place of the keys of a root and its maker."""
        suite = request.path_params["suite"]
        if suite not in SUITE_NAMES:
            raise InputInvalidError("There is no such suite.")
        staff.require(SEAL_MAKER)
        return self.console.page(
            request, "console/seals/root.html", problems=problems, suite=suite, sources=self._places()
        )

    async def make_root(self, request: Request, staff: Staff) -> Response:
        """Make them."""
        form, suite = await forms.read(request), request.path_params["suite"]

        def work() -> None:
            self.console.hub.seal_office.changes.make_root(staff, suite, source_of(form).place)

        try:
            return await self.console.act(staff, form, "seals.ROOT", work, ROOTS)
        except MENDABLE as error:
            return await self.root(
                request, staff, problem(error, self.console.pages.status_of, {"SEAL_KEY_PLACE": "source"})
            )


def source_of(form: forms.Form) -> KeySource:
    """Return where a form says that a key comes from; raises as `key_source`, and InputInvalidError."""
    chosen = form.fields.get("source", "")
    if chosen in KeyPlace.__members__:
        return key_source(None, None, KeyPlace[chosen])
    text = form.files.get("handed", b"").decode("latin-1")  # what is no text of PEM is refused as such
    given = {PUBLIC_KEY: (text, None), CHAIN: (None, text)}.get(chosen)
    if given is None:
        raise InputInvalidError("There is no such place for a key.")
    return key_source(*given, KeyPlace.STORE)
