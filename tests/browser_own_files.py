"""A comparison on one's own files in a real browser: `python tests/browser_own_files.py HOME`.

Two tiny files are uploaded, the estimate is read, the run started, the page refreshed, the run cancelled and resumed,
its result read and saved. Every line printed is a step that was seen to hold.
"""

import csv
import json
import re
import sys
from pathlib import Path

import yaml
from playwright.sync_api import Page, expect

from tests.browser_story import (
    PATIENCE_MS,
    RUN_PATIENCE_MS,
    end_helpers,
    free_port,
    open_browser,
    serving,
    settle,
    step,
)

QUEUES = {
    "billing": ("I was charged twice", "Where is my invoice", "Please refund the fee"),
    "access": ("I forgot my password", "The login code never comes", "Add a colleague as a user"),
}
TRAIN_ROWS, TEST_ROWS = 24, 16


def main(home: Path) -> None:
    port = free_port()
    expect.set_options(timeout=PATIENCE_MS)
    with open_browser() as browser, serving(home, port):
        page = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        page.set_default_timeout(PATIENCE_MS)
        try:
            page.goto(f"http://127.0.0.1:{port}/comparison")
            choose_files(page, home)
            start_and_refresh(page)
            cancel_and_resume(page)
            save_files(page, home)
        except BaseException:
            page.screenshot(path=home / "failed.png", full_page=True)
            raise
        finally:
            end_helpers(home)


def write_rows(path: Path, count: int) -> Path:
    names = list(QUEUES)
    rows = [(names[n % 2], QUEUES[names[n % 2]][n // 2 % 3]) for n in range(count)]
    lines = [
        {"prompt": f"{text}, {path.stem} {n}", "completion": queue, "group": f"customer {path.stem} {n % 4}"}
        for n, (queue, text) in enumerate(rows)
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def choose_files(page: Page, home: Path) -> None:
    page.get_by_role("radio", name="Your own files").click()
    boxes = page.locator('input[type="file"]')
    expect(boxes).to_have_count(3)
    boxes.nth(0).set_input_files(write_rows(home / "tickets.jsonl", TRAIN_ROWS))
    # Without a second file some rows are set aside: only then has the page taken the first one in.
    expect(page.get_by_text("rows to learn from, ")).to_be_visible()
    settle(page)
    boxes.nth(1).set_input_files(write_rows(home / "measure.jsonl", TEST_ROWS))
    expect(page.get_by_text(f"{TRAIN_ROWS} rows to learn from, {TEST_ROWS} to measure on.")).to_be_visible()
    told = page.get_by_role("textbox", name="Instructions")
    told.fill("Answer with one word: billing or access.")
    told.press("Control+Enter")
    settle(page)
    # Tuning is part of the other story; here a run is to be short.
    page.get_by_role("button", name="Fine-tuned model").click()
    settle(page)
    expect(page.get_by_text("Smallest visible gap").first).to_be_visible()
    step("two files of one's own were uploaded, and the estimate stands before anything runs")


def start_and_refresh(page: Page) -> None:
    page.get_by_role("button", name="Start, at no cost").click()
    expect(page.get_by_role("button", name="Cancel the run")).to_be_visible()
    expect(page.get_by_text(f"until every option has answered {TEST_ROWS} rows")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="tickets")).to_be_visible()
    step("the run goes on after a refresh, its results hidden until the end")


def cancel_and_resume(page: Page) -> None:
    page.get_by_role("button", name="Cancel the run").click()
    again = page.get_by_role("button", name="Go on with it")
    expect(again).to_be_visible(timeout=RUN_PATIENCE_MS)
    expect(page.get_by_text("ended early").first).to_be_visible()
    again.click()
    expect(page.get_by_role("button", name="Cancel the run")).to_be_visible()
    expect(page.get_by_text("Take it along")).to_be_visible(timeout=RUN_PATIENCE_MS)
    expect(page.get_by_text(re.compile("tickets: finished"))).to_be_visible()
    for heading in ("Differences", "Quality against cost against time", "Group by group", "What it took"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    step("the run was cancelled, taken up again and finished")


def save_files(page: Page, home: Path) -> None:
    saved: dict[str, Path] = {}
    for name in ("All of it (JSON)", "Every answer (CSV)", "For promptfoo (YAML)"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        saved[name] = home / download.value.suggested_filename
        download.value.save_as(saved[name])
    record, table, tests = (path.read_text(encoding="utf-8-sig") for path in saved.values())
    items = json.loads(record)["items"]
    assert len(items) == 3 * TEST_ROWS, f"{len(items)} answers were saved"
    assert len(list(csv.DictReader(table.splitlines()))) >= 3 * TEST_ROWS
    assert [prompt["id"] for prompt in yaml.safe_load(tests)["prompts"]] == ["zero_shot", "few_shot"]
    assert str(home) not in record, "a path of this machine is in the file"
    step("the run was saved as JSON, CSV and for promptfoo")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
