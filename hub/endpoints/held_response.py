"""A response that is held back until somebody says that it may leave."""

from starlette.types import Message, Send

from hub.audit.service import Pending


class HeldResponse:
    """Collects the messages of one run; a response with records that outgrows the bound is dropped (`too_large`)."""

    def __init__(self, pending: Pending, largest: int) -> None:
        """`pending` tells whether a record was promised, `largest` is the bound in bytes."""
        self._pending = pending
        self._largest = largest
        self._messages: list[Message] = []
        self.size = 0

    @property
    def is_empty(self) -> bool:
        """Whether the run sent nothing at all."""
        return not self._messages

    @property
    def too_large(self) -> bool:
        """Whether the response promised records and is larger than the bound."""
        return bool(self._pending.entries) and self.size > self._largest

    async def take(self, message: Message) -> None:
        """Take the next message of the run."""
        self.size += len(message.get("body", b""))
        self._messages.append({"type": message["type"]} if self.too_large else message)

    async def release(self, send: Send) -> None:
        """Let everything held leave."""
        for message in self._messages:
            await send(message)
