"""What several answers of an evidence package have in common, each once: certificate chains, SES_Seals and status list tokens.

Decides their names in the package. It must never put in anything that names a person beyond what a seal shows to everybody who holds a
document under it.
"""

import ssl
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

from anyio.to_thread import run_sync

from hub.errors import StatusListUnknownError
from hub.licences.status_lists import StatusLists
from hub.seals.office import SealOffice
from hub.seals.service import Seals
from keys.errors import KeysError
from keys.listed_status import reference
from keys.sd_jwt import peek
from keys.status_list_form import JWT_MEDIA


@dataclass(slots=True)
class Enclosures:
    """The common files of one package, as they come together."""

    seals: Seals
    office: SealOffice
    status_lists: StatusLists
    files: dict[str, bytes] = field(default_factory=dict)
    _names: dict[Hashable, str | None] = field(default_factory=dict)

    async def chain(self, presentation: str) -> str | None:
        """Return the file with the certificates of the key that sealed a presentation; None where none is known."""
        kid = str(peek(presentation)[0].get("kid"))
        return await self._once(("chain", kid), "chains/{}.pem", lambda: run_sync(self._chain, kid))

    async def seal(self, presentation: str) -> str | None:
        """Return the file with the SES_Seal of that key; None for suites that have none."""
        kid = str(peek(presentation)[0].get("kid"))
        return await self._once(("seal", kid), "seals/{}.esl", lambda: run_sync(self.office.ses_seal_of_key, kid))

    async def status(self, presentation: str, moment: int) -> str | None:
        """Return the file with the status list token of a moment (seconds), else of the present; None where there is none."""
        try:
            number = int(reference(presentation).uri.rpartition("/")[2])
        except (KeysError, ValueError):
            return None
        return await self._once(("status", number, moment), "status/{}.jwt", lambda: self._status(number, moment))

    async def _once(self, key: Hashable, form: str, make: Callable[[], Awaitable[bytes | None]]) -> str | None:
        if key not in self._names:
            content = await make()
            folder = form.partition("/")[0]
            taken = sum(name.startswith(f"{folder}/") for name in self.files)
            self._names[key] = None if content is None else form.format(taken + 1)
            if content is not None:
                self.files[form.format(taken + 1)] = content
        return self._names[key]

    def _chain(self, kid: str) -> bytes | None:
        key = self.seals.trust().keys.get(kid)
        if key is None:
            return None
        return "".join(ssl.DER_cert_to_PEM_cert(one.der) for one in (key.certificate, *key.chain)).encode("ascii")

    async def _status(self, number: int, moment: int) -> bytes | None:
        """A licence that is read before its list was published for the first time has only the list that comes next."""
        try:
            return (await self.status_lists.past(number, moment))[JWT_MEDIA]
        except StatusListUnknownError:
            pass
        try:
            return (await self.status_lists.present(number))[JWT_MEDIA].body
        except StatusListUnknownError:
            return None
