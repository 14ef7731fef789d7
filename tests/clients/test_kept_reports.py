"""A report is found again by what decides it, and by nothing less."""

import os
import sys
from pathlib import Path

from mergewright.clients.check_environment import Environment
from mergewright.clients.kept_reports import MAX_REPORTS, KeptReports, report_key
from mergewright.domain.checks import CheckReport, CheckResult, CheckStatus, SandboxLevel
from mergewright.domain.codebase import CheckCommand, CheckKind

COMMANDS = (CheckCommand(kind=CheckKind.TESTS, argv=("pytest",), source="pytest.ini"),)
ENVIRONMENT = Environment(
    python=Path(sys.executable), binds=(), variables={}, summary="this Python"
)
FACTS = ("tree", COMMANDS, ENVIRONMENT, SandboxLevel.BUBBLEWRAP)


def report_of(status):
    result = CheckResult(kind=CheckKind.TESTS, status=status)
    return CheckReport(tree="tree", sandbox=SandboxLevel.BUBBLEWRAP, results=(result,))


def test_a_report_is_kept_and_found(tmp_path):
    kept, report = KeptReports(tmp_path / "reports"), report_of(CheckStatus.FAILED)
    key = report_key(*FACTS)
    assert kept.find(key) is None
    kept.keep(key, report)
    assert kept.find(key) == report
    (tmp_path / "reports" / f"{key}.json").write_text("{}")
    assert kept.find(key) is None


def test_every_fact_makes_another_key():
    other = ENVIRONMENT.model_copy(update={"python": Path("/elsewhere/python")})
    command = COMMANDS[0].model_copy(update={"argv": ("pytest", "-x")})
    keys = {
        report_key(*facts)
        for facts in (
            FACTS,
            ("other", *FACTS[1:]),
            ("tree", (command,), *FACTS[2:]),
            ("tree", COMMANDS, other, SandboxLevel.BUBBLEWRAP),
            ("tree", COMMANDS, ENVIRONMENT, SandboxLevel.LIMITS),
        )
    }
    assert len(keys) == 5
    moved = COMMANDS[0].model_copy(update={"source": "tox.ini"})
    assert report_key("tree", (moved,), *FACTS[2:]) in keys


def test_what_could_not_run_is_not_kept(tmp_path):
    kept = KeptReports(tmp_path)
    kept.keep("key", report_of(CheckStatus.BROKEN))
    assert kept.find("key") is None


def test_a_folder_that_cannot_be_written_loses_nothing_but_the_cache(tmp_path):
    (tmp_path / "file").touch()
    kept = KeptReports(tmp_path / "file")
    kept.keep("key", report_of(CheckStatus.PASSED))
    assert kept.find("key") is None


def test_the_oldest_make_room(tmp_path):
    kept = KeptReports(tmp_path)
    for number in range(MAX_REPORTS + 2):
        (tmp_path / f"{number}.json").touch()
        os.utime(tmp_path / f"{number}.json", (number, number))
    kept.keep("new", report_of(CheckStatus.PASSED))
    assert len(list(tmp_path.iterdir())) == MAX_REPORTS
    assert kept.find("new") is not None
    assert not (tmp_path / "0.json").exists()
