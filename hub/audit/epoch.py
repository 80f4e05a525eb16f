"""The policy epoch of the database, read for answers that promise no record: one small query for all of a tick."""

from hub.errors import UnavailableError
from hub.reading import Loader, Reader

_ROW = "1"
_EPOCH = "SELECT CAST(id AS TEXT), value FROM policy_epoch WHERE CAST(id AS TEXT) {keys}"


class EpochReader:
    """Reads the epoch. One per process and event loop."""

    def __init__(self, reader: Reader) -> None:
        """Read through the hot reader."""
        self._loader = Loader(reader, _EPOCH)

    async def read(self) -> int:
        """Return the epoch; raises UnavailableError."""
        rows = await self._loader.load(_ROW)
        if not rows:
            raise UnavailableError
        return int(rows[0][0])
