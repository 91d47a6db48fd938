"""How much a page costs: CPU time of a script run against an empty Streamlit page, and the time to the first page.

A real server is asked for reruns over its web socket, as a browser asks; what its process spends is divided by the
number of runs. The empty page is measured in the same way, in a server of its own.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # in place of benchmarks/, where this file would hide the package of the same name

RERUNS = 60
LIMIT = 15
FIRST_PAGE_LIMIT_SECONDS = 4


@dataclass(frozen=True)
class Server:
    """A running Streamlit server."""

    port: int
    process: psutil.Process
    began: float

    def visit(self) -> ClientConnection:
        """Connect as a browser does, as soon as the server listens."""
        while True:
            try:
                return connect(f"ws://127.0.0.1:{self.port}/_stcore/stream", max_size=None)
            except OSError:
                time.sleep(0.02)


@contextmanager
def serve(script: Path) -> Iterator[Server]:
    """Run a script's server until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        try:
            yield Server(port, psutil.Process(started.pid), began)
        finally:
            started.terminate()


def run(visit: ClientConnection, page: str, query: str) -> None:
    """Ask for a script run and wait until it has finished.

    Raises:
        RuntimeError: the page shows an exception.
    """
    request = BackMsg()
    request.rerun_script.page_name = page
    request.rerun_script.query_string = query
    visit.send(request.SerializeToString())
    while True:
        message = ForwardMsg()
        message.ParseFromString(visit.recv(timeout=60))
        if message.delta.new_element.WhichOneof("type") == "exception":
            raise RuntimeError(message.delta.new_element.exception.message)
        if message.WhichOneof("type") == "script_finished":
            return


def cpu_ms(server: Server, visit: ClientConnection, page: str, query: str, reruns: int = RERUNS) -> float:
    """Return the server's CPU milliseconds a run."""
    for _warm in range(3):
        run(visit, page, query)
    before = server.process.cpu_times()
    for _rerun in range(reruns):
        run(visit, page, query)
    after = server.process.cpu_times()
    return (after.user + after.system - before.user - before.system) / reruns * 1000


def empty_page_ms(folder: Path) -> float:
    """Return what a script costs that shows nothing."""
    script = folder / "empty.py"
    script.write_text("import streamlit as st\n", encoding="utf-8")
    with serve(script) as server, server.visit() as visit:
        return cpu_ms(server, visit, "", "", reruns=RERUNS * 5)


def filled_assessment() -> str:
    """Keep the first worked example in the store and return its id."""
    from ftdecide.settings import DATA, load_settings
    from ftdecide.store import assessments
    from ftdecide.store.database import open_store

    example = json.loads(min((DATA / "examples").glob("*.json")).read_text(encoding="utf-8"))
    return assessments.create(open_store(load_settings()), example, title=example["title"], example=True).id


def main() -> None:
    """Print the table."""
    from app import PAGES

    addresses = ["", *(address for rows in PAGES.values() for _file, address, *_rest in rows)]
    addresses.remove("start")
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(FTDECIDE_HOME=home, FTDECIDE_WORKER="external")
        query = f"assessment={filled_assessment()}"
        empty = empty_page_ms(Path(home))
        print(f"{'page':<16}{'CPU ms':>8}{'times empty':>13}   (at most {LIMIT})")
        print(f"{'(empty)':<16}{empty:>8.1f}{1:>13.1f}")
        with serve(ROOT / "app.py") as server, server.visit() as visit:
            run(visit, "", "")
            first = time.perf_counter() - server.began
            for address in addresses:
                spent = cpu_ms(server, visit, address, query)
                late = "" if spent <= LIMIT * empty else "   too slow"
                print(f"/{address:<15}{spent:>8.1f}{spent / empty:>13.1f}{late}", flush=True)
    print(f"first page {first:.1f} s after starting the server (at most {FIRST_PAGE_LIMIT_SECONDS} s)")


if __name__ == "__main__":
    main()
