"""Running tuning jobs one after the other, each in its own process, across restarts of the server."""

import subprocess
import sys
import threading
import time
from pathlib import Path

from ftdecide.errors import InputError
from ftdecide.local.defaults import TrainingDefaults
from ftdecide.local.disk import load_document, write_bytes
from ftdecide.local.jobs import FINAL, Job, JobError, Outcome, Status, find_job, list_jobs, save_job, say
from ftdecide.local.processes import end_process, find_marked, give_memory_back, start_module

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
                save_job(self.folder, _not_counted(job))
                self._end(job, self._defaults.end_seconds)

    def busy(self) -> bool:
        """Say whether any job waits or runs."""
        return any(job.status not in FINAL and job.status != Status.PAUSED for job in list_jobs(self.folder))

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
            self._end(job, 0)
            return cancelled

    def pause(self, job_id: str) -> Job:
        """Stop a job after the step it is in; its process writes a checkpoint and ends.

        Raises:
            NotFoundError: nothing has this id.
            InputError: the job is over, or paused already.
        """
        with self._writing:
            job = find_job(self.folder, job_id)
            if job.status in FINAL or job.status == Status.PAUSED:
                raise InputError(f"job {job_id!r} is {job.status}; only a waiting or running job can be paused")
            if job.status == Status.RUNNING:
                self._end(job, self._defaults.end_seconds)
                outcome = load_document(self.folder / job.id / "outcome.json", Outcome)
                if outcome is not None:
                    return self._finish(job, outcome)
                job = _not_counted(job)
            say(self.folder / job.id, f"paused-{job.starts}", "Fine-tuning job paused")
            return save_job(self.folder, job.model_copy(update={"status": Status.PAUSED}))

    def resume(self, job_id: str) -> Job:
        """Let a paused job wait for its turn again; it goes on from its checkpoint.

        Raises:
            NotFoundError: nothing has this id.
            InputError: the job is not paused.
        """
        with self._writing:
            job = find_job(self.folder, job_id)
            if job.status != Status.PAUSED:
                raise InputError(f"job {job_id!r} is {job.status}; only a paused job can be resumed")
            return save_job(self.folder, job.model_copy(update={"status": Status.QUEUED}))

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
        counted = {"status": Status.RUNNING, "starts": job.starts + 1, "attempts": job.attempts + 1}
        job = save_job(self.folder, job.model_copy(update=counted))
        folder = self.folder / job.id
        verb = "started" if job.starts == 1 else "resumed"
        say(folder, f"run-{job.starts}", f"Fine-tuning job {verb}")
        give_memory_back()  # a batch answered before may have left half a gigabyte that training needs now
        try:
            process = start_module("ftdecide.local.training", [str(folder)], folder / "training.log")
        except OSError:  # nothing ran, so that nothing speaks against the job: it waits for its turn again
            save_job(self.folder, _not_counted(job).model_copy(update={"status": Status.QUEUED}))
            raise
        self._child = (job.id, process)

    def _finish(self, job: Job, outcome: Outcome) -> Job:
        if outcome.succeeded:
            done = job.model_copy(update={"trained_tokens": outcome.trained_tokens})
            return self._settle(done, Status.SUCCEEDED, f"New fine-tuned model created: {job.tuned_model}")
        reason = outcome.error.message if outcome.error else "training failed"
        failed = job.model_copy(update={"error": outcome.error})
        return self._settle(failed, Status.FAILED, f"The job failed: {reason}")

    def _settle(self, job: Job, status: Status, message: str) -> Job:
        say(self.folder / job.id, status.value, message, "error" if status == Status.FAILED else "info")
        return save_job(self.folder, job.model_copy(update={"status": status, "finished_at": int(time.time())}))

    def _end(self, job: Job, grace_seconds: float) -> None:
        """End the job's process; within the grace it finishes its step and writes a checkpoint."""
        process = find_marked(self.folder / job.id / "process.json")
        if process is not None:
            end_process(process, grace_seconds)
        if self._child and self._child[0] == job.id:
            self._child[1].kill()
            self._child[1].wait()


def _not_counted(job: Job) -> Job:
    """Take back the attempt of a process that is ended on purpose, which says nothing about the job."""
    return job.model_copy(update={"attempts": job.attempts - 1})


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "no message"
