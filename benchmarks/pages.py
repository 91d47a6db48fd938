"""How much a page costs: CPU time of a script run against an empty Streamlit page, and the time to the first page.

Each page runs through `app.py` as in the app, with a filled assessment; the median of several reruns counts.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RERUNS = 15
LIMIT = 15
FIRST_PAGE_LIMIT_SECONDS = 4
sys.path[0] = str(ROOT)  # in place of benchmarks/, where this file would hide the package of the same name


def _cpu_ms(app: object, runs: int = RERUNS) -> float:
    spent: list[float] = []
    for _run in range(runs):
        began = time.process_time()
        app.run()
        spent.append((time.process_time() - began) * 1000)
    return statistics.median(spent)


def page_costs() -> list[tuple[str, float, float]]:
    """Return for each page its address, CPU milliseconds of a rerun, and the ratio to an empty page."""
    from streamlit.testing.v1 import AppTest

    from app import PAGES
    from ftdecide.settings import DATA, load_settings
    from ftdecide.store import assessments
    from ftdecide.store.database import open_store

    example = json.loads(sorted((DATA / "examples").glob("*.json"))[0].read_text(encoding="utf-8"))
    saved = assessments.create(open_store(load_settings()), example, title=example["title"], example=True)
    empty = AppTest.from_string("import streamlit as st\n", default_timeout=60).run()
    empty_ms = _cpu_ms(empty)
    costs: list[tuple[str, float, float]] = [("(empty page)", empty_ms, 1.0)]
    for rows in PAGES.values():
        for file, address, *_rest in rows:
            app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
            app.query_params["assessment"] = saved.id
            app.run()
            app.switch_page(f"pages/{file}.py").run()
            assert not app.exception, (file, app.exception)
            spent = _cpu_ms(app)
            costs.append((f"/{address}", spent, spent / empty_ms))
    return costs


def first_page_seconds() -> float:
    """Return the time from starting the server until the first page has run for a visitor."""
    from websockets.sync.client import connect

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    began = time.perf_counter()
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                with connect(f"ws://127.0.0.1:{port}/_stcore/stream", max_size=None) as socket_:
                    return _until_finished(socket_, began)
            except OSError:
                time.sleep(0.02)
    finally:
        server.terminate()
        server.wait()


def _until_finished(connection: object, began: float) -> float:
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    request = BackMsg()
    request.rerun_script.query_string = ""
    connection.send(request.SerializeToString())
    while True:
        message = ForwardMsg()
        message.ParseFromString(connection.recv(timeout=60))
        if message.WhichOneof("type") == "script_finished":
            return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(FTDECIDE_HOME=home, FTDECIDE_WORKER="external")
        os.chdir(ROOT)
        first = first_page_seconds()
        print(f"{'page':<16}{'CPU ms':>8}{'times empty':>13}   (at most {LIMIT})")
        for address, spent, ratio in page_costs():
            print(f"{address:<16}{spent:>8.1f}{ratio:>13.1f}{'' if ratio <= LIMIT else '   too slow'}")
        print(f"first page {first:.1f} s after starting the server (at most {FIRST_PAGE_LIMIT_SECONDS} s)")


if __name__ == "__main__":
    main()
