"""The whole thread in a real browser: `python tests/browser_story.py HOME`, against an app that it starts itself.

A new assessment, answers, the verdict moves, a real comparison with few rows, a refresh and a killed server in its
middle, its result as evidence, the decision that cites it, the report downloaded and opened. Every line printed is a
step that was seen to hold; the exit status is 0 only when all were.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 30_000
RUN_PATIENCE_MS = 420_000


def main(home: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    expect.set_options(timeout=PATIENCE_MS)
    with open_browser() as browser, serving(home, port) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        page.set_default_timeout(PATIENCE_MS)
        try:
            assess(page, address)
            start_comparison(page)
            kill(server)
            with serving(home, port):
                finish_comparison(page)
                decide(page, browser, home)
        except BaseException:
            page.screenshot(path=home / "failed.png")
            raise
        finally:
            end_helpers(home)


def assess(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Name of your project").fill("Queue codes <b>&</b> =1+1")
    page.get_by_role("button", name="Start a new assessment").click()
    expect(page.get_by_role("heading", name="Use case", exact=True)).to_be_visible()
    step("a new assessment opens on the first block")
    before = verdict(page)
    task = page.get_by_role("combobox", name="Which kind of task is it?")
    task.fill("Sorting")
    page.get_by_role("option", name="Sorting into categories").click()
    settle(page)
    page.get_by_role("button", name="More correct answers").click()
    settle(page)
    choose(page, "Whose categories or rules does the answer follow?", "Our own")
    choose(page, "What does an answer look like?", "A short label")
    page.get_by_role("link", name="Alternatives").first.click()
    expect(page.get_by_role("heading", name="Alternatives", exact=True)).to_be_visible()
    choose(page, "How hard were better instructions tried?", "Systematically")
    fill_number(page, "Which share was right with the best instructions?", "97")
    after = verdict(page)
    assert after != before, f"the verdict stayed at {before!r}"
    step(f"the verdict moved from {before!r} to {after!r}")
    link = page.url
    page.reload()
    expect(number(page, "Which share was right with the best instructions?")).to_have_value("97")
    assert page.url == link, "the link changed on a refresh"
    step("the answers are there after a refresh, under the same link")


def start_comparison(page: Page) -> None:
    page.get_by_role("link", name="Comparison").click()
    expect(page.get_by_role("heading", name="Measure the options")).to_be_visible()
    for label in ("Rows to learn from", "Rows to measure on"):
        page.get_by_role("slider", name=label).press("Home")
        page.wait_for_timeout(500)
    expect(page.get_by_text("Smallest visible gap").first).to_be_visible()
    page.get_by_role("button", name="Start, at no cost").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    assert "run=" in page.url, "the run is not in the address"
    page.reload()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    step("the comparison runs, and is found again after a refresh")


def finish_comparison(page: Page) -> None:
    page.reload()
    expect(page.get_by_role("heading", name="Measure the options")).to_be_visible()
    expect(page.get_by_text(re.compile("running|waiting|finished", re.IGNORECASE)).first).to_be_visible()
    step("after the server was killed and started again, the run is still there")
    expect(page.get_by_role("button", name="Use as evidence")).to_be_visible(timeout=RUN_PATIENCE_MS)
    expect(page.get_by_text("Rows answered right").first).to_be_visible()
    expect(page.get_by_text("Fine-tuned").first).to_be_visible()
    page.get_by_role("button", name="Use as evidence").click()
    expect(page.get_by_text("cites this comparison")).to_be_visible()
    settle(page)
    step("the comparison finished and became evidence")


def decide(page: Page, browser: Browser, home: Path) -> None:
    page.get_by_role("link", name="Read the decision").click()
    expect(page.get_by_role("heading", name="Read the decision")).to_be_visible()
    expect(page.get_by_text("fine-tuned", exact=False).first).to_be_visible()
    expect(page.get_by_text("15 test examples", exact=False).first).to_be_visible()
    step("the decision cites the 15 test rows that were measured")
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML)").click()
    path = home / "report.html"
    download.value.save_as(path)
    report = browser.new_context(java_script_enabled=False).new_page()
    asked: list[str] = []
    report.on("request", lambda request: asked.append(request.url))
    report.goto(path.as_uri())
    expect(report.get_by_role("heading", level=1)).to_contain_text("Queue codes <b>&</b> =1+1")
    expect(report.locator("body")).to_contain_text("fine-tuned")
    assert all(url.startswith("file:") for url in asked), f"the report asks for {asked}"
    step("the report was downloaded and opens by itself, with the title as it was typed")


def choose(page: Page, question: str, answer: str) -> None:
    page.get_by_role("radiogroup", name=question).get_by_role("radio", name=answer, exact=True).click()
    settle(page)


def number(page: Page, question: str) -> Locator:
    return page.get_by_role("spinbutton", name=question, exact=True)


def fill_number(page: Page, question: str, value: str) -> None:
    number(page, question).fill(value)
    number(page, question).press("Enter")
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page has taken the last answer in."""
    page.wait_for_timeout(300)
    expect(page.locator('[data-testid="stApp"][data-test-script-state="running"]')).to_have_count(0)


def verdict(page: Page) -> str:
    return page.get_by_text("Verdict so far").locator("xpath=following::h3[1]").inner_text()


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextlib.contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the app as `make run` does."""
    with (home / "app.log").open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "pages.parts.serve", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, "FTDECIDE_HOME": str(home), "FTDECIDE_WORKER": "auto"},
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield server
    finally:
        kill(server)


def end_helpers(home: Path) -> None:
    """End the worker and the local engine, which outlive the app on purpose."""
    for record in (home / "worker.json", home / "local" / "engine.json"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            os.kill(json.loads(record.read_text())["pid"], signal.SIGTERM)


def kill(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGKILL)
    server.wait()


def wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(URLError, ConnectionError), urlopen(url, timeout=2):  # noqa: S310 - loopback
            return
        time.sleep(0.2)
    raise TimeoutError(f"{url} does not answer")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def step(text: str) -> None:
    print("ok:", text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
