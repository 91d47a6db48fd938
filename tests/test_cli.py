"""The command line keeps its contract: JSON alone on standard output, one line for what is wrong, honest exit codes."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ftdecide.cli import main
from ftdecide.settings import DATA

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((DATA / "examples").glob("*.json"))
SAMPLES = sorted(path.parent for path in (DATA / "samples").glob("*/sample.yml"))


@pytest.fixture(autouse=True)
def _at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTDECIDE_HOME", str(home))


class Ran:
    """What one command answered."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Any:
    def run(*arguments: str) -> Ran:
        status = main(arguments)
        captured = capfdbinary.readouterr()
        return Ran(status, captured.out.decode(), captured.err.decode())

    return run


def test_there_are_three_worked_examples_with_three_verdicts(run: Any) -> None:
    verdicts = {run("decide", str(path), "--json").json["verdict"] for path in EXAMPLES}
    assert len(EXAMPLES) >= 3
    assert len(verdicts) >= 3


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_decide_answers_all_that_the_contract_names(run: Any, path: Path) -> None:
    answer = run("decide", str(path), "--json")
    assert answer.status == 0
    assert answer.err == ""
    decision = answer.json
    assert {
        "verdict", "confidence", "probabilities", "reasons", "gates", "missing", "flips", "next_step", "options",
        "as_of",
    } <= set(decision)  # fmt: skip
    assert 0 <= decision["confidence"] <= 1
    assert sum(decision["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert all({"code", "text", "source"} <= set(reason) for reason in decision["reasons"])
    assert all(gate["status"] in ("pass", "warn", "block", "unknown") for gate in decision["gates"])
    assert all({"field", "from", "to", "verdict"} <= set(flip) for flip in decision["flips"])
    for option in decision["options"]:
        assert {"option", "p_meets_target", "net_value_usd", "cost_usd"} <= set(option)


def test_a_batch_is_answered_in_order_and_a_bad_item_only_costs_its_own_answer(run: Any, tmp_path: Path) -> None:
    good = json.loads(EXAMPLES[0].read_text())
    batch = tmp_path / "batch.json"
    batch.write_text(json.dumps([good, {"schema_version": 1, "use_cas": {}}, "no object", good]))
    answer = run("decide", "--batch", str(batch))
    assert answer.status == 1
    first, unknown_key, no_object, last = answer.json
    assert first == last
    assert "use_cas" in unknown_key["error"]
    assert "did you mean 'use_case'" in unknown_key["error"]
    assert "item 3" in no_object["error"]


def test_an_assessment_may_come_as_yaml_on_standard_input(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "schema_version: 1\nas_of: 2026-11-22\ncosts:\n  tunable: no\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    answer = run("decide", "-", "--json")
    assert answer.json["as_of"] == "2026-11-22"
    assert next(gate for gate in answer.json["gates"] if gate["name"] == "tunable")["status"] == "block"


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_audit_finds_no_error_in_the_samples(run: Any, folder: Path) -> None:
    answer = run("audit", str(folder / "train.jsonl"), "--test", str(folder / "test.jsonl"), "--json")
    assert answer.status == 0
    audit = answer.json
    assert {"examples", "encoding", "tokens", "training_tokens_per_epoch", "default_epochs", "findings"} <= set(audit)
    assert set(audit["tokens"]) >= {"total", "assistant", "p50", "p95", "max"}
    assert audit["examples"] == len((folder / "train.jsonl").read_text(encoding="utf-8").splitlines())


def test_audit_says_no_and_names_the_line(run: Any, tmp_path: Path) -> None:
    rows = (SAMPLES[0] / "train.jsonl").read_text(encoding="utf-8").splitlines()
    rows[40] = rows[40][:-5]
    broken = tmp_path / "broken.jsonl"
    broken.write_text("\n".join(rows), encoding="utf-8")
    answer = run("audit", str(broken), "--json")
    assert answer.status == 1
    errors = [finding for finding in answer.json["findings"] if finding["severity"] == "error"]
    assert [finding["lines"] for finding in errors] == [[41]]


def test_catalog_knows_what_has_ended_by_a_day(run: Any) -> None:
    def states(day: str) -> dict[str, str]:
        rows = run("catalog", "--as-of", day, "--provider", "openai", "--json").json
        return {row["id"]: row["state"] for row in rows}

    assert states("2026-11-22")["gpt-4.1-2025-04-14"] == "existing_customers_only"
    assert set(states("2027-02-01").values()) == {"closed"}


def test_catalog_gives_people_a_line_a_model(run: Any) -> None:
    head, *lines = run("catalog", "--as-of", "2026-11-22", "--provider", "openai").out.splitlines()
    assert head.split("  ")[0] == "provider"
    line = next(line for line in lines if "gpt-4.1-2025-04-14" in line)
    assert line.split() == ["openai", "gpt-4.1-2025-04-14", "existing", "customers", "2027-01-06", "2027-01-14"]


def test_estimate_gives_people_a_line_an_option_with_the_sums_of_its_json(run: Any) -> None:
    path = ROOT / "data/examples/scenarios/five_ways.yml"
    told, options = run("estimate", str(path)).out, run("estimate", str(path), "--json").json["options"]
    for option in options:
        line = next(line for line in told.splitlines() if line.startswith(f"{option['name']}  "))
        assert not option["available"] or f"{option['total_usd']['p50']:,.0f} (" in line
        assert all(warning["text"] in told for warning in option["warnings"])


@pytest.mark.parametrize("format_", ["html", "md", "json"])
def test_report_writes_one_file_and_says_where(run: Any, tmp_path: Path, format_: str) -> None:
    out = tmp_path / f"report.{format_}"
    answer = run("report", str(EXAMPLES[0]), "--format", format_, "-o", str(out), "--json")
    assert answer.status == 0
    assert answer.json == {"path": str(out)}
    assert json.loads(EXAMPLES[0].read_text())["title"].split()[-1] in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["decide"],
        ["decide", "nowhere.json"],
        ["decide", "a.json", "--batch", "b.json"],
        ["audit"],
        ["audit", "nowhere.jsonl"],
        ["catalog", "--as-of", "yesterday"],
        ["catalog", "--provider", "opnai"],
        ["report", str(EXAMPLES[0])],
        ["report", str(EXAMPLES[0]), "-o", "/nowhere/at/all.html"],
        ["report", str(EXAMPLES[0]), "--run", "no-such-run", "-o", "out.html"],
        ["compare", "nowhere.yml"],
        ["status", "no-such-run"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_used_is_one_line_and_exit_status_2(run: Any, arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err.startswith("ftdecide: ")
    assert answer.err.count("\n") == 1


def test_the_module_is_the_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ftdecide", "catalog", "--json"], cwd=ROOT, capture_output=True, check=False
    )
    assert ran.returncode == 0
    assert {"openai", "azure"} <= {row["provider"] for row in json.loads(ran.stdout)}
