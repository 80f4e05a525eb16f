"""What the log keeps of an exception that nobody expected: its class and the line that raised it, never its text, which may quote what was sent."""

import logging

_log = logging.getLogger("hub.errors")


def tell(error: BaseException) -> None:
    """Log an unexpected exception."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place is not None else "unknown"
    _log.error("unexpected %s at %s", type(error).__name__, where)
