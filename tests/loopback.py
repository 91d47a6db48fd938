"""A small server that really speaks OpenAI's protocol on the loopback interface, and can be told to misbehave.

It learns: a tuned model answers with the training answer whose question shares most words with the one asked. The base
model always gives the answer of the last example in its prompt. It lives in the test's process, so it survives a killed
worker, and it counts what it was asked.
"""

import json
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "test-key"


@dataclass
class Bad:
    """One answer that goes wrong: a status with headers and body, or a wait."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    wait_seconds: float = 0.0


def refusal(status: int, code: str, message: str, **headers: str) -> Bad:
    """An error as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error", "code": code}})
    return Bad(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class RefusedError(Exception):
    """Raised by a route that refuses, in OpenAI's words."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        """Keep the answer."""
        super().__init__(message)
        error = {"message": message, "type": "invalid_request_error", "code": code, "param": param}
        self.bad = Bad(status, json.dumps({"error": error}))


@dataclass
class Loopback:
    """What the server knows, and what it should do wrong next."""

    base_url: str = ""
    answer_seconds: float = 0.0
    step_seconds: float = 0.0
    steps: int = 10
    bad: deque[Bad] = field(default_factory=deque[Bad])
    files: dict[str, list[tuple[str, str]]] = field(default_factory=dict[str, list[tuple[str, str]]])
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    asked: Counter[str] = field(default_factory=Counter[str])
    closed_models: set[str] = field(default_factory=set[str])
    gone_models: set[str] = field(default_factory=set[str])
    new_models: set[str] = field(default_factory=set[str])
    most_at_once: int = 0
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, model: str, messages: list[dict[str, str]]) -> str:
        """Say something."""
        question = messages[-1]["content"]
        job = self.jobs.get(model.rpartition(":")[2])
        if job is None:
            said = [each["content"] for each in messages if each["role"] == "assistant"]
            return said[-1] if said else "I cannot tell."
        words = set(question.lower().split())
        rows = self.files[job["training_file"]]
        return max(rows, key=lambda row: len(words & set(row[0].lower().split())))[1]

    def advance(self, job: dict[str, Any]) -> dict[str, Any]:
        """Let a job's clock run on."""
        if job["status"] in ("cancelled", "failed"):
            return job
        done = self.steps if not self.step_seconds else int((time.monotonic() - job["_begun"]) / self.step_seconds)
        job["_step"] = min(self.steps, done)
        job["status"] = "succeeded" if done >= self.steps else "running"
        if job["status"] == "succeeded":
            job |= {"fine_tuned_model": f"ft:{job['model']}:test::{job['id']}", "trained_tokens": 1000}
        return job


class _Server(ThreadingHTTPServer):
    # As many as are asked at once by any test: a connection that finds the line full is tried again after a second.
    request_queue_size = 128


@contextmanager
def serve_loopback() -> Generator[Loopback]:
    """Serve until the block ends."""
    state = Loopback()

    class Handler(LoopbackHandler):
        server_state = state

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class LoopbackHandler(BaseHTTPRequestHandler):
    """Answers as OpenAI does."""

    server_state: Loopback
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        state, body = self.server_state, self.rfile.read(int(self.headers.get("content-length", 0)))
        with state.lock:
            bad = state.bad.popleft() if state.bad else None
        if bad:
            time.sleep(bad.wait_seconds)
            self._send(bad.status, bad.body.encode(), bad.content_type, bad.headers)
        else:
            self._reply(body)

    def _reply(self, body: bytes) -> None:
        refused = self._refuse()
        if refused is None:
            try:
                answer = self._answer(self.path.partition("?")[0].removeprefix("/v1"), body)
            except RefusedError as error:
                refused = error.bad
            else:
                self._send(200, json.dumps(answer).encode())
        if refused is not None:
            self._send(refused.status, refused.body.encode(), refused.content_type, refused.headers)

    def _refuse(self) -> Bad | None:
        if self.headers.get("authorization") == f"Bearer {KEY}":
            return None
        return refusal(401, "invalid_api_key", "Incorrect API key provided")

    def _answer(self, path: str, body: bytes) -> object:
        state = self.server_state
        if path == "/chat/completions":
            return self._chat(json.loads(body))
        if path == "/embeddings":
            return _embeddings(json.loads(body))
        if path == "/files":
            return self._file(body)
        if not path.startswith("/fine_tuning/jobs"):
            raise RefusedError(404, "not_found", f"no such address {path}")
        with state.lock:
            return self._jobs(path, body)

    def _jobs(self, path: str, body: bytes) -> object:
        state, name, rest = self.server_state, *path.removeprefix("/fine_tuning/jobs").strip("/").partition("/")[::2]
        if not name and self.command == "POST":
            return self._job(json.loads(body))
        if not name:
            jobs = [_public(state.advance(job)) for job in reversed(state.jobs.values())]
            return {"object": "list", "data": jobs, "has_more": False}
        if name not in state.jobs:
            raise RefusedError(404, "not_found", f"no job {name}")
        job = state.advance(state.jobs[name])
        if rest == "cancel":
            job["status"] = "cancelled"
            state.asked["cancel"] += 1
        lists = {"events": _events, "checkpoints": _checkpoints}
        return (
            {"object": "list", "data": lists[rest](job, state.steps), "has_more": False}
            if rest in lists
            else _public(job)
        )

    def _chat(self, request: dict[str, Any]) -> object:
        state = self.server_state
        if request["model"] in state.new_models:
            _refuse_old_settings(request)
        if request["model"] in state.gone_models:
            raise RefusedError(404, "model_not_found", f"The model {request['model']} does not exist")
        with state.lock:
            state.at_once += 1
            state.most_at_once = max(state.most_at_once, state.at_once)
            state.asked[f"{request['model']}|{request['messages'][-1]['content']}|{len(request['messages'])}"] += 1
        time.sleep(state.answer_seconds)
        text = state.answer(request["model"], request["messages"])
        prompt = sum(len(each["content"].split()) for each in request["messages"])
        with state.lock:
            state.at_once -= 1
        usage = {"prompt_tokens": prompt, "completion_tokens": len(text.split()), "total_tokens": prompt}
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        return {
            "id": "c",
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [choice],
            "usage": usage,
        }

    def _file(self, body: bytes) -> object:
        rows: list[tuple[str, str]] = []
        for line in re.findall(rb'^\{"messages".*$', body, re.MULTILINE):
            said = {each["role"]: each["content"] for each in json.loads(line)["messages"]}
            rows.append((said["user"], said["assistant"]))
        state = self.server_state
        with state.lock:
            name = f"file-{len(state.files)}"
            state.files[name] = rows
            state.asked["upload"] += 1
        return {
            "id": name,
            "object": "file",
            "bytes": len(body),
            "created_at": 0,
            "filename": "x",
            "purpose": "fine-tune",
            "status": "processed",
        }

    def _job(self, request: dict[str, Any]) -> object:
        state = self.server_state
        if request["model"] in state.closed_models:
            raise RefusedError(403, "training_not_available", "fine-tuning is no longer offered to your organization")
        if request["training_file"] not in state.files:
            raise RefusedError(400, "invalid_file", "the training file does not exist", param="training_file")
        name = f"ftjob-{len(state.jobs)}"
        state.asked["create"] += 1
        state.jobs[name] = {**request, "id": name, "status": "queued", "_begun": time.monotonic(), "_step": 0}
        return _public(state.jobs[name])

    def _send(
        self, status: int, body: bytes, content_type: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"content-type": content_type, "content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        with suppress(ConnectionError):  # whoever asked has lost patience
            self.end_headers()
            self.wfile.write(body)


def _refuse_old_settings(request: dict[str, Any]) -> None:
    if "max_tokens" in request:
        text = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        raise RefusedError(400, "unsupported_parameter", text, param="max_tokens")
    if request.get("temperature", 1) != 1:
        text = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) is supported."
        raise RefusedError(400, "unsupported_value", text, param="temperature")


def _public(job: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in job.items() if not name.startswith("_")}
    chosen = job.get("method", {}).get(job.get("method", {}).get("type", ""), {}).get("hyperparameters", {})
    return {
        "object": "fine_tuning.job",
        "created_at": 0,
        "finished_at": None,
        "fine_tuned_model": None,
        "error": None,
        "hyperparameters": {key: value for key, value in chosen.items() if key != "beta"},
        "organization_id": "org-test",
        "result_files": [],
        "trained_tokens": None,
        "validation_file": None,
        **shown,
    }


def _checkpoints(job: dict[str, Any], total: int) -> list[dict[str, Any]]:
    steps = [step for step in (total, total // 2) if step <= job["_step"]]
    return [
        {
            "id": f"ftckpt-{step}",
            "object": "fine_tuning.job.checkpoint",
            "created_at": 0,
            "fine_tuned_model_checkpoint": f"ft:{job['model']}:test::{job['id']}:ckpt-step-{step}",
            "fine_tuning_job_id": job["id"],
            "metrics": {"step": step, "train_loss": 3.0 / step},
            "step_number": step,
        }
        for step in steps
    ]


def _embeddings(request: dict[str, Any]) -> dict[str, Any]:
    """Count letters: texts with the same letters point the same way."""
    texts = [request["input"]] if isinstance(request["input"], str) else request["input"]
    data = [
        {"object": "embedding", "index": index, "embedding": [float(text.count(letter)) + 0.1 for letter in "aeiou"]}
        for index, text in enumerate(texts)
    ]
    tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "model": request["model"], "data": data[::-1], "usage": usage}


def _events(job: dict[str, Any], total: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{job['id']}-{step}",
            "object": "fine_tuning.job.event",
            "created_at": 0,
            "level": "info",
            "message": f"Step {step}/{total}",
            "type": "metrics",
            "data": {"step": step, "total_steps": total, "train_loss": 3.0 / step},
        }
        for step in range(job["_step"], 0, -1)
    ]
