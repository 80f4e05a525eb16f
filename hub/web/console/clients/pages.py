"""The pages /console/clients: department systems that call the hub, adding one, its keys, and ending it.

Decides what is shown and how a key is handed in. A private key that somebody hands in is refused with a word of its own, and is neither kept nor
shown again; who may change what is decided by hub.access.client_desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.caller import SCOPES
from hub.access.client_desk import PAGE, ClientDesk
from hub.access.public_keys import read_public_key
from hub.access.staff.caller import Staff
from hub.access.staff.roles import HUB_ADMINISTRATOR
from hub.errors import ClientUnknownError
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, Problem, Problems, missing, problem
from hub.web.console.sections import Act
from hub.web.forms import Form

CLIENTS: Final = "/console/clients"
ONE: Final = f"{CLIENTS}/{{client_id}}"
ONLY: Final = (HUB_ADMINISTRATOR,)
_FIELDS: Final = {
    "PRIVATE_KEY_GIVEN": "key", "PUBLIC_KEY_INVALID": "key", "ALREADY_EXISTS": "key", "AUTHORITY_UNKNOWN": "authority", "INPUT_INVALID": "name",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClientPages:
    """Shows clients to hub administrators, and changes them."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(CLIENTS, "GET", self.every, ONLY, "clients.list.title"),
            Act(f"{CLIENTS}/add", "GET", self.ask, ONLY, "clients.add.title"),
            Act(f"{CLIENTS}/add", "POST", self.add, ONLY),
            Act(ONE, "GET", self.one, ONLY),
            Act(f"{ONE}/keys/add", "GET", self.ask_key, ONLY),
            Act(f"{ONE}/keys/add", "POST", self.add_key, ONLY),
            Act(f"{ONE}/keys/retire", "GET", self.ask_retiring, ONLY),
            Act(f"{ONE}/keys/retire", "POST", self.retire_key, ONLY),
            Act(f"{ONE}/deactivate", "GET", self.ask_state, ONLY),
            Act(f"{ONE}/deactivate", "POST", self.deactivate, ONLY),
            Act(f"{ONE}/activate", "GET", self.ask_state, ONLY),
            Act(f"{ONE}/activate", "POST", self.activate, ONLY),
        )

    @property
    def _desk(self) -> ClientDesk:
        return self.console.hub.access.desk(self.console.hub.staff.current)

    # -- looking -------------------------------------------------------------------------------------------------------

    async def every(self, request: Request, staff: Staff) -> Response:
        """List clients, of one authority or of all."""
        authority, after = request.query_params.get("authority") or None, request.query_params.get("after", "")
        found = await run_sync(self._desk.clients, staff, authority, after)
        shown, more = found[:PAGE], len(found) > PAGE
        onward = f"{CLIENTS}?authority={authority or ''}&after={shown[-1].client_id}" if more else ""
        return self._page(request, "list", clients=shown, onward=onward, typed={"authority": authority or ""})

    async def one(self, request: Request, staff: Staff) -> Response:
        """Show a client: what it may do, by which keys, and which documents it runs."""
        client_id = request.path_params["client_id"]
        client = await run_sync(self._desk.client, staff, client_id)
        documents = await run_sync(lambda: self.console.offering.documents.kept(client_id, judged=False))
        return self._page(request, "client", client=client, documents=documents, scopes=SCOPES.values())

    # -- adding --------------------------------------------------------------------------------------------------------

    async def ask(self, request: Request, _staff: Staff) -> Response:
        """Ask for what a new client needs."""
        return self._page(request, "add", scopes=SCOPES.values())

    async def add(self, request: Request, staff: Staff) -> Response:
        """Register a client."""
        form = await forms.read(request)
        scopes = [name for name in SCOPES if name in form.fields]
        if wrong := _wanting(form, "name", "authority") or (None if scopes else missing("scopes")):
            return self._page(request, "add", typed=_shown(form), problems=wrong, scopes=SCOPES.values())

        def work() -> str:
            authority = self.console.hub.catalogue.authority(form.fields["authority"]).code
            return self._desk.add(staff, form.fields["name"].strip(), authority, scopes, read_public_key(_key(form)))

        try:
            return await self.console.act(staff, form, "clients.add", work, lambda made: f"{CLIENTS}/{made}")
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, _FIELDS)
            return self._page(request, "add", typed=_shown(form), problems=told, scopes=SCOPES.values())

    # -- keys ----------------------------------------------------------------------------------------------------------

    async def ask_key(self, request: Request, staff: Staff) -> Response:
        """Ask for another key."""
        return await self._about(request, staff, "key")

    async def add_key(self, request: Request, staff: Staff) -> Response:
        """Add a key beside those that there are."""
        form, client_id = await forms.read(request), request.path_params["client_id"]
        if wrong := _wanting(form):
            return await self._about(request, staff, "key", problems=wrong)
        work = lambda: self._desk.add_key(staff, client_id, read_public_key(_key(form)))  # noqa: E731 - as the others
        return await self._act(request, staff, form, "add_key", work, "key")

    async def ask_retiring(self, request: Request, staff: Staff) -> Response:
        """Show which key will go."""
        return await self._about(request, staff, "retire", kid=request.query_params.get("kid", ""))

    async def retire_key(self, request: Request, staff: Staff) -> Response:
        """Retire a key: it authenticates nothing any more."""
        form, client_id = await forms.read(request), request.path_params["client_id"]
        kid = form.fields.get("kid", "")
        work = lambda: self._desk.retire_key(staff, client_id, kid)  # noqa: E731 - same
        return await self._act(request, staff, form, "retire_key", work, "retire", kid=kid)

    # -- ending --------------------------------------------------------------------------------------------------------

    async def ask_state(self, request: Request, staff: Staff) -> Response:
        """Show what ends, or begins anew."""
        return await self._about(request, staff, "state")

    async def deactivate(self, request: Request, staff: Staff) -> Response:
        """End a client at once: what it was being answered is refused, too."""
        return await self._set(request, staff, active=False)

    async def activate(self, request: Request, staff: Staff) -> Response:
        """Let a client call again."""
        return await self._set(request, staff, active=True)

    async def _set(self, request: Request, staff: Staff, *, active: bool) -> Response:
        form, client_id = await forms.read(request), request.path_params["client_id"]
        work = lambda: self._desk.set_active(staff, client_id, active=active)  # noqa: E731 - same
        return await self._act(request, staff, form, "activate" if active else "deactivate", work, "state")

    # -- the ground of all ---------------------------------------------------------------------------------------------

    async def _act(
        self,
        request: Request,
        staff: Staff,
        form: Form,
        name: str,
        work: Callable[[], object],
        page: str,
        **values: Any,
    ) -> Response:
        try:
            return await self.console.act(
                staff, form, f"clients.{name}", work, f"{CLIENTS}/{request.path_params['client_id']}"
            )
        except ClientUnknownError:
            raise
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, _FIELDS if page == "key" else {})
            return await self._about(request, staff, page, problems=told, **values)

    async def _about(self, request: Request, staff: Staff, page: str, **values: Any) -> Response:
        client = await run_sync(self._desk.client, staff, request.path_params["client_id"])
        wanted = request.url.path.rpartition("/")[2]
        return self._page(request, page, client=client, wanted=wanted, **values)

    def _page(self, request: Request, name: str, **values: Any) -> Response:
        bodies = self.console.hub.catalogue.authorities()
        return self.console.page(
            request,
            f"console/clients/{name}.html",
            bodies=bodies,
            authorities={each.code: each for each in bodies},
            **values,
        )


def _key(form: Form) -> bytes:
    """Return the key that was handed in: a file, or else what was pasted."""
    return form.files.get("file") or form.fields.get("key", "").encode()


def _shown(form: Form) -> dict[str, str]:
    """Return what a form shows again: no key, for it may be a private one."""
    return {name: text for name, text in form.fields.items() if name != "key"}


def _wanting(form: Form, *names: str) -> Problems | None:
    """Return which fields were left empty; a key is asked for in any case."""
    empty = [name for name in names if not form.fields.get(name, "").strip()]
    found = [Problem(name, "problem.EMPTY") for name in empty]
    if not _key(form).strip():
        found.append(Problem("key", "problem.EMPTY"))
    return Problems(tuple(found), 400) if found else None
