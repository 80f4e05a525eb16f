"""A worker: takes the jobs that wait, one after the other, and runs each by its kind.

Decides only whose turn it is; who may run a job is decided by its lease (hub.jobs.service). A job that fails keeps why, and
never stops the worker. It must never log what an exception says: such texts may quote values.
"""

import logging
from collections.abc import Callable, Mapping
from threading import Event

from hub.errors import HubError, JobBusyError, UnavailableError
from hub.jobs.service import Jobs

Runner = Callable[[str], object]
"""Runs the job of an id to its end."""

_log = logging.getLogger("hub.jobs")


class Worker:
    """Runs jobs of the kinds it knows."""

    def __init__(self, jobs: Jobs, runners: Mapping[str, Runner], besides: Callable[[], object] = lambda: None) -> None:
        """`runners` are the kinds, and what runs a job of each; `besides` is done after every turn."""
        self._jobs = jobs
        self._runners = runners
        self._besides = besides

    def serve(self, over: Event, pause: float) -> None:
        """Run what waits, and look again after a pause in seconds, until it is over."""
        while not over.is_set():
            self.turn()
            over.wait(pause)

    def waits(self) -> bool:
        """Tell whether a job waits to be run."""
        return any(self._waiting(kind) for kind in self._runners)

    def turn(self) -> None:
        """Run every job that waits now."""
        for kind, runner in self._runners.items():
            for job_id in self._waiting(kind):
                self._run(kind, job_id, runner)
        try:
            self._besides()
        except HubError as error:
            _log.warning("what a worker does besides stopped: %s", error.code)

    def _waiting(self, kind: str) -> tuple[str, ...]:
        try:
            return self._jobs.takeable(kind)
        except UnavailableError:  # it may answer the next time
            _log.warning("the database does not say which jobs wait")
            return ()

    def _run(self, kind: str, job_id: str, runner: Runner) -> None:
        try:
            runner(job_id)
        except JobBusyError:  # another worker was faster
            return
        except HubError as error:
            _log.warning("job %s of kind %s stopped: %s", job_id, kind, error.code)
        except Exception as error:  # noqa: BLE001 - the next job must not suffer
            _log.error("job %s of kind %s stopped: unexpected %s", job_id, kind, type(error).__name__)
