"""Whether the log in the database continues a checkpoint that was seen before: neither cut off nor another one.

Decides with which words a hub refuses to go on with another log than the one it had; and how its owner takes the loss upon himself, on record.
RFC 6962 section 2.1.2.
"""

from sqlmodel import Session

from hub.audit import head as heads
from hub.audit.log_key import LogKey
from hub.audit.refusals import LogBehindError, LogBrokenError, LogForkedError
from hub.audit.tiles import subtrees
from keys.checkpoint import Checkpoint
from keys.errors import KeysError
from keys.merkle import root


def check(session: Session, key: LogKey, seen: Checkpoint) -> Checkpoint:
    """Return the checkpoint of the log in the database, if its first leaves are those of one that was seen.

    Raises:
        LogBehindError: the log is shorter.
        LogForkedError: it had other leaves then.
        LogBrokenError: it is not what its own checkpoint was signed over.
    """
    head = heads.read(session)
    try:
        signed = key.read(head.checkpoint).checkpoint
        if signed.size != head.size or _root(session, signed.size) != signed.root:
            raise LogBrokenError("The newest tiles of the log are not those that its checkpoint was signed over.")
        if signed.size < seen.size:
            raise LogBehindError(
                f"The log in the database has {signed.size} leaves, and had {seen.size} before: this is an older copy of the"
                " database. Restore the newer one; or, if it is lost for good, acknowledge the loss: licence-hub audit accept-loss."
            )
        if _root(session, seen.size) != seen.root:
            raise LogForkedError(
                f"The first {seen.size} leaves of the log are not those that were signed before: this is another database, or it"
                " was changed. Restore the right one; licence-hub audit verify says what differs; if the right one is lost for good,"
                " acknowledge that: licence-hub audit accept-loss."
            )
    except KeysError as error:
        raise LogBrokenError("The log in the database is not one that was signed here.") from error
    return signed


def _root(session: Session, size: int) -> bytes:
    return root(size, subtrees(session, size))
