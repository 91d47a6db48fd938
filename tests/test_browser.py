"""The whole thread in a real browser, with the network unplugged: app, counting, comparison, decision and report."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
STEPS, OWN_FILES_STEPS = 8, 4


@pytest.mark.browser
@pytest.mark.model
def test_from_the_first_question_to_a_report_that_cites_a_real_comparison_without_a_network(home: Path) -> None:
    tell("browser_story", home, STEPS)


@pytest.mark.browser
@pytest.mark.model
def test_own_files_are_uploaded_measured_cancelled_resumed_and_saved_without_a_network(home: Path) -> None:
    tell("browser_own_files", home, OWN_FILES_STEPS)


def tell(story: str, home: Path, steps: int) -> None:
    ran = subprocess.run(
        [sys.executable, TESTS / "unplugged.py", sys.executable, "-m", f"tests.{story}", home],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("ok: ") == steps
    assert "unplugged: " in ran.stderr
