"""A response that is held back until somebody says that it may leave."""

from starlette.types import Message

from hub.audit.service import Pending


class HeldResponse:
    """Collects the messages of one run; of a response with records that outgrows the bound nothing more is kept."""

    def __init__(self, pending: Pending, largest: int) -> None:
        """`pending` tells whether a record was promised, `largest` is the bound in bytes."""
        self._pending = pending
        self._largest = largest
        self.messages: list[Message] = []
        self.size = 0

    @property
    def is_empty(self) -> bool:
        """Whether the run sent nothing at all."""
        return not self.messages

    async def take(self, message: Message) -> None:
        """Take the next message of the run."""
        self.size += len(message.get("body", b""))
        dropped = self._pending.entries and self.size > self._largest
        self.messages.append({"type": message["type"]} if dropped else message)
