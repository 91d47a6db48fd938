"""The whole thread in a real browser, with the network unplugged: app, counting, comparison, decision and report."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
STEPS = 8


@pytest.mark.browser
@pytest.mark.model
def test_from_the_first_question_to_a_report_that_cites_a_real_comparison_without_a_network(home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, TESTS / "unplugged.py", sys.executable, TESTS / "browser_story.py", home],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("ok: ") == STEPS
    assert "unplugged: " in ran.stderr
