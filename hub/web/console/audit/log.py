"""The page of the log itself: its newest checkpoint, who has countersigned it, whether it continues what is kept outside, and how to verify it elsewhere."""

from dataclasses import dataclass
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.clock import from_micros
from hub.web.console.audit.facts import AUDIT
from hub.web.console.frame import Console

LOG: Final = f"{AUDIT}/log"
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
        log = await run_sync(self.console.hub.log.examine_log)
        commands = [(name, each.format(url=self.console.hub.settings.public_url)) for name, each in _COMMANDS]
        return self.console.page(
            request, "console/audit/log.html", log=log, commands=commands, moment=from_micros, hex=bytes.hex
        )
