"""What runs the jobs of a hub that wait, by their kind: one row for each."""

import os
import socket
from collections.abc import Mapping

from hub.composition import Hub
from hub.identities.importing.service import FROM_UPLOAD as INTO_REGISTER
from hub.jobs.worker import Runner
from hub.licences.importing.service import FROM_UPLOAD
from hub.licences.resealing import RESEAL


def runners(hub: Hub, workers: int | None = None) -> Mapping[str, Runner]:
    """Return what runs the jobs that wait, by their kind; `workers` is how many processes seal for an import."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    return {
        FROM_UPLOAD: lambda job: hub.imports.run(job, name, workers=workers),
        INTO_REGISTER: lambda job: hub.register_imports.run_upload(job, name),
        RESEAL: lambda job: hub.resealing.run(job, name),
    }
