"""The page of the log itself: its newest checkpoint, who has countersigned it, whether it continues what is kept outside.

Decides how it is shown that it only grew since an older checkpoint, and how to verify it elsewhere.
"""

import base64
from dataclasses import dataclass
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.clock import from_micros
from hub.errors import InputInvalidError
from hub.web.console.audit.facts import AUDIT
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, problem

LOG: Final = f"{AUDIT}/log"
_DIGITS: Final = 18
_COMMANDS: Final = (
    ("keys", "curl -s {url}/.well-known/licence-hub/log-keys > log-keys\ncurl -s {url}/log/checkpoint"),
    (
        "witness",
        "licence-hub audit witness {url}/log --key log-keys --name witness.example.org/one --every 60 --hand-in --output seen",
    ),
    ("verify", "licence-hub audit verify --checkpoint seen"),
)


@dataclass(frozen=True, slots=True)
class LogPages:
    """Shows the log."""

    console: Console

    async def show(self, request: Request, _staff: Staff) -> Response:
        """Show how the log stands now."""
        asked = request.query_params.get("size", "").strip().replace(",", "")
        log, proof, problems = await run_sync(self.console.hub.log.examine_log), None, NOTHING_WRONG
        if asked:
            try:
                proof = await run_sync(self.console.hub.sharing.proofs.consistency, _size(asked), None)
            except MENDABLE as error:
                problems = problem(error, self.console.pages.status_of, otherwise="size")
        commands = [(name, each.format(url=self.console.hub.settings.public_url)) for name, each in _COMMANDS]
        return self.console.page(
            request,
            "console/audit/log.html",
            log=log,
            proof=proof,
            typed={"size": asked},
            problems=problems,
            commands=commands,
            moment=from_micros,
            hex=bytes.hex,
            base64=_base64,
            hashes="\n".join(map(bytes.hex, proof.hashes)) if proof else "",
        )


def _size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise InputInvalidError("A size is a whole number.")
    return int(text)


def _base64(root: bytes) -> str:
    """Write a root as it stands in a checkpoint."""
    return base64.b64encode(root).decode()
