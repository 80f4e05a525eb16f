"""Taking a file in: from a form of this session to sealed chunks, and a first look whether it is what it says.

Decides that nothing of a file stays that is refused, does not come whole, or is no table. It must never hold more than a chunk of it.
"""

import asyncio
import io
from contextlib import suppress
from dataclasses import dataclass

from anyio.to_thread import run_sync
from starlette.requests import Request

from hub.access.caller import Caller
from hub.access.staff.acting import as_officer
from hub.access.staff.caller import Staff
from hub.errors import HubError, ImportFileError, PolicyChangedError
from hub.licences.importing.uploads import CHUNK, Kept, Taking
from hub.tabular.formats import format_named, format_of
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.imports.officers import Choice, Officers
from hub.web.console.imports.sending import SentFile
from hub.web.cookies import SESSION

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that came whole, and what it is to become."""

    kept: Kept
    choice: Choice


@dataclass(frozen=True, slots=True)
class TakingIn:
    """Takes files in."""

    console: Console

    async def take(self, request: Request, staff: Staff, sent: SentFile) -> Taken:
        """Take the file of a form.

        Raises:
            FormRefusedError: the form is not of this session.
            InputInvalidError, ImportFileError, UploadTooLargeError, BodyTooSlowError: it is refused; nothing of it is kept.
        """
        forms.require_origin(request, self.console.pages.origin)
        await sent.begin()
        forms.require_token(sent.fields.get(forms.FIELD, ""), request.state.form_token)
        choice = Officers(self.console.hub).chosen(staff, sent.fields.get("for", ""))
        if not sent.name:
            raise ImportFileError("Choose a file.")
        kind = format_named(sent.name)
        imports = self.console.hub.imports
        taking = await run_sync(imports.uploads.begin, as_officer(staff, choice.authority), kind)
        try:
            kept = await self._kept(request, taking, sent, kind)
            await run_sync(imports.desk.open, taking.caller, kept.id, choice.licence_type.key)
        except BaseException:
            with suppress(HubError):  # then it goes when its day is over
                await asyncio.shield(run_sync(imports.uploads.drop, taking.id))
            raise
        return Taken(kept, choice)

    async def _kept(self, request: Request, taking: Taking, sent: SentFile, kind: str) -> Kept:
        uploads, waiting = self.console.hub.imports.uploads, bytearray()
        async for piece in sent.pieces():
            waiting += piece
            while len(waiting) >= CHUNK:
                await self._keep(taking, bytes(waiting[:CHUNK]), kind)
                del waiting[:CHUNK]
        if waiting:
            await self._keep(taking, bytes(waiting), kind)
        if not taking.size:
            raise ImportFileError("The file is empty.")
        for _ in range(_TRIES):
            with suppress(PolicyChangedError):  # a file takes minutes to come, and somebody changes something meanwhile
                taking.caller = await self._still(request, taking.caller)
                return await run_sync(uploads.end, taking)
        raise PolicyChangedError

    async def _keep(self, taking: Taking, chunk: bytes, kind: str) -> None:
        if not taking.chunks:
            format_of(io.BytesIO(chunk), "", kind)
        await run_sync(self.console.hub.imports.uploads.keep, taking, chunk)

    async def _still(self, request: Request, caller: Caller) -> Caller:
        """Return him as he is now, who may have lost the role meanwhile."""
        token = self.console.pages.cookies.read(request, SESSION)
        return as_officer(await run_sync(self.console.hub.staff.caller, f"Bearer {token}"), caller.authority)
