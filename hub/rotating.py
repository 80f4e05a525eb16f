"""Rotation of a key of the vault, for a whole hub: run as a job, on record, and told to every process by the policy epoch."""

import os
import socket
from collections.abc import Callable

from sqlmodel import Session

from hub.audit.service import Entry
from hub.composition import Hub
from hub.jobs.service import Progress
from hub.vault.editions import INDEX, WRAPPING
from hub.vault.rotation import Rotation


def rotate(hub: Hub, kind: str, on_progress: Callable[[Progress], None]) -> Progress:
    """Replace a key of the vault ("wrapping" or "index") by a job; raises as `Rotation` does."""

    def changed(session: Session) -> None:
        hub.audit.append(session, Entry("keys", {"operation": "ROTATE", "key": kind}))
        hub.audit.advance_epoch(session)

    rotation = Rotation(
        hub.database, hub.vault, hub.jobs, hub.clock, changed=changed, needed=hub.idempotency.needs_older
    )
    run = {WRAPPING: rotation.rotate_wrapping, INDEX: rotation.rotate_index}[kind]
    return run(f"{socket.gethostname()}:{os.getpid()}", on_progress)
