"""Running tuning jobs one after the other, each in its own process, across restarts of the server."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from ftdecide.errors import InputError
from ftdecide.local.defaults import TrainingDefaults
from ftdecide.local.disk import load_document, write_bytes
from ftdecide.local.jobs import FINAL, Job, JobError, Outcome, Status, find_job, list_jobs, save_job, say
from ftdecide.local.processes import end_process, find_marked, give_memory_back

_ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.25
_LATER_SECONDS = 2.0


class Supervisor:
    """The thread that starts, watches and ends training processes; the only writer of `job.json`."""

    def __init__(self, folder: Path, defaults: TrainingDefaults) -> None:
        self.folder = folder
        self._defaults = defaults
        self._child: tuple[str, subprocess.Popen[bytes]] | None = None
        self._writing = threading.RLock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="training-supervisor", daemon=True)

    def start(self) -> None:
        """Begin to work, taking up what an earlier server left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def close(self) -> None:
        """End the training process; the job stays "running" on disk and resumes with the next server."""
        self._closed.set()
        self._thread.join()
        for job in list_jobs(self.folder):
            if job.status == Status.RUNNING:
                self._end(job)

    def busy(self) -> bool:
        """Say whether any job is not final."""
        return any(job.status not in FINAL for job in list_jobs(self.folder))

    def create(self, job: Job, rows: bytes) -> Job:
        """Queue a job that trains on `rows`, a checked training file."""
        folder = self.folder / job.id
        write_bytes(folder / "rows.jsonl", rows)
        say(folder, "created", f"Created fine-tuning job: {job.id}")
        return save_job(self.folder, job)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job and end its process.

        Raises:
            NotFoundError: nothing has this id.
            InputError: the job is over.
        """
        with self._writing:
            job = find_job(self.folder, job_id)
            if job.status in FINAL:
                raise InputError(
                    f"job {job_id!r} is already {job.status}; only a waiting or running job can be cancelled"
                )
            cancelled = self._settle(job, Status.CANCELLED, "The job was cancelled")
            self._end(job)
            return cancelled

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            try:
                with self._writing:
                    self._look()
            except OSError as error:
                # A full disk may have room again, but without this thread every job would wait for ever.
                sys.stderr.write(f"the tuning jobs cannot be tended: {error}\n")
                self._closed.wait(_LATER_SECONDS)

    def _look(self) -> None:
        jobs = list(reversed(list_jobs(self.folder)))
        for job in jobs:
            if job.status == Status.VALIDATING_FILES:
                save_job(self.folder, job.model_copy(update={"status": Status.QUEUED}))
                say(self.folder / job.id, "queued", "Files checked, the job waits for its turn")
        running = [job for job in jobs if job.status == Status.RUNNING]
        queued = [job for job in jobs if job.status == Status.QUEUED]
        if running:
            self._check(running[0])
        elif queued:
            self._run(queued[0])

    def _check(self, job: Job) -> None:
        """Settle a running job whose process is over, or run it again from its checkpoint if it was ended from outside.

        A process that ends by itself without a result would do so again. One that was ended is given some attempts, so
        that want of memory does not repeat for ever.
        """
        folder = self.folder / job.id
        own = self._child[1] if self._child and self._child[0] == job.id else None
        if (own is not None and own.poll() is None) or find_marked(folder / "process.json") is not None:
            return
        outcome = load_document(folder / "outcome.json", Outcome)
        if outcome is not None:
            self._finish(job, outcome)
        elif own is not None and own.returncode > 0:
            message = f"training failed: {_last_line(folder / 'training.log')}"
            self._finish(job, Outcome(succeeded=False, error=JobError(code="training_failed", message=message)))
        elif job.attempts >= self._defaults.attempts:
            message = (
                f"training was ended {job.attempts} times without a result, most likely for want of memory; "
                "lower batch_size, or see training.log in the job's folder"
            )
            self._finish(job, Outcome(succeeded=False, error=JobError(code="training_killed", message=message)))
        else:
            self._run(job)

    def _run(self, job: Job) -> None:
        job = save_job(self.folder, job.model_copy(update={"status": Status.RUNNING, "attempts": job.attempts + 1}))
        folder = self.folder / job.id
        verb = "started" if job.attempts == 1 else "resumed"
        say(folder, f"run-{job.attempts}", f"Fine-tuning job {verb}")
        give_memory_back()  # a batch answered before may have left half a gigabyte that training needs now
        # The package may run from a folder that is not installed, so the process gets to know where it lies.
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        with (folder / "training.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ftdecide.local.training", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
        self._child = (job.id, process)

    def _finish(self, job: Job, outcome: Outcome) -> None:
        if outcome.succeeded:
            done = job.model_copy(update={"trained_tokens": outcome.trained_tokens})
            self._settle(done, Status.SUCCEEDED, f"New fine-tuned model created: {job.tuned_model}")
        else:
            reason = outcome.error.message if outcome.error else "training failed"
            self._settle(job.model_copy(update={"error": outcome.error}), Status.FAILED, f"The job failed: {reason}")

    def _settle(self, job: Job, status: Status, message: str) -> Job:
        say(self.folder / job.id, status.value, message, "error" if status == Status.FAILED else "info")
        return save_job(self.folder, job.model_copy(update={"status": status, "finished_at": int(time.time())}))

    def _end(self, job: Job) -> None:
        process = find_marked(self.folder / job.id / "process.json")
        if process is not None:
            end_process(process, self._defaults.end_seconds)
        if self._child and self._child[0] == job.id:
            self._child[1].kill()
            self._child[1].wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "no message"
