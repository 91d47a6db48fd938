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
from contextlib import contextmanager
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


@contextmanager
def serve_loopback() -> Generator[Loopback]:
    """Serve until the block ends."""
    state = Loopback()

    class Handler(_Handler):
        server_state = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
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
        elif self.headers.get("authorization") != f"Bearer {KEY}":
            refused = refusal(401, "invalid_api_key", "Incorrect API key provided")
            self._send(401, refused.body.encode())
        else:
            path = self.path.partition("?")[0].removeprefix("/v1")
            self._send(200, json.dumps(self._answer(path, body)).encode())

    def _answer(self, path: str, body: bytes) -> object:
        state = self.server_state
        if path == "/chat/completions":
            return self._chat(json.loads(body))
        if path == "/files":
            return self._file(body)
        with state.lock:
            if path == "/fine_tuning/jobs" and self.command == "POST":
                return self._job(json.loads(body))
            if path == "/fine_tuning/jobs":
                jobs = [_public(state.advance(job)) for job in reversed(state.jobs.values())]
                return {"object": "list", "data": jobs, "has_more": False}
            job = state.advance(state.jobs[path.split("/")[3]])
            if path.endswith("/cancel"):
                job["status"] = "cancelled"
                state.asked["cancel"] += 1
            if path.endswith("/events"):
                return {"object": "list", "data": _events(job, state.steps), "has_more": False}
            return _public(job)

    def _chat(self, request: dict[str, Any]) -> object:
        state = self.server_state
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
        }

    def _job(self, request: dict[str, Any]) -> object:
        state = self.server_state
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
        self.end_headers()
        self.wfile.write(body)


def _public(job: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in job.items() if not name.startswith("_")}
    return {"object": "fine_tuning.job", "created_at": 0, "fine_tuned_model": None, "error": None, **shown}


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
