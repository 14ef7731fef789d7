"""What documents show is really run, in the sandbox of this host."""

import sys

import pytest

from mergewright.analysis.documentation_blocks import RecordedCommand, RunnableBlock
from mergewright.clients.check_commands import CheckPlace
from mergewright.clients.documentation_runs import check_style, run_blocks, run_commands
from mergewright.clients.environments import prepare_environment
from mergewright.domain.checks import CheckStatus
from mergewright.domain.codebase import Codebase
from tests.clients.check_samples import any_sandbox

CODE = "def split(total):\n    return total\n\n\nclass Bill:\n    pass\n"


@pytest.fixture
def place(tmp_path):
    tree, reports = tmp_path / "tree", tmp_path / "reports"
    tree.mkdir()
    reports.mkdir()
    (tree / "tally.py").write_text(CODE)
    sandbox = any_sandbox()
    environment = prepare_environment(
        Codebase(commit="c", file_count=1), tmp_path, tmp_path / "environments", sandbox
    )
    return CheckPlace(tree, reports, environment, sandbox, timeout_seconds=20)


def blocks(*codes, path="README.md"):
    return [RunnableBlock(path, number, code) for number, code in enumerate(codes, start=1)]


def test_blocks_of_a_document_share_their_names_and_tell_where_a_fault_belongs(place):
    ran = run_blocks(
        place,
        blocks(
            "import tally\nx = 1",
            "tally.split(x)\nprint('noise')",
            "from tally import gone",
            "tally.Bill().total",
            "from tally import split\nsplit()",
            "import tally.more",
            "nobody",
            "raise SystemExit",
        ),
    )
    assert [(run.line, run.error, run.origin) for run in ran.runs] == [
        (1, "", ""),
        (2, "", ""),
        (3, "ImportError", "tally"),
        (4, "AttributeError", "tally"),
        (5, "TypeError", "tally"),
        (6, "ModuleNotFoundError", "tally.more"),
        (7, "NameError", ""),
        (8, "", ""),
    ]
    assert ran.unseen == ()


def test_a_block_that_kills_or_forges_the_report_is_told_as_not_ended(place):
    killed = run_blocks(place, blocks("x = 1", "import os; os._exit(3)", "y = 2"))
    assert [run.line for run in killed.runs] == [1]
    assert killed.unseen == ("2 of 3 code blocks of README.md: not ended",)
    forged = "import os, sys\nopen(sys.argv[2], 'w').write('[[\"x\"]]')\nos._exit(0)"
    assert run_blocks(place, blocks(forged)).runs == ()
    linked = "import os, sys\nos.symlink('/etc/hostname', sys.argv[2])\nos._exit(0)"
    assert run_blocks(place, blocks(linked)).runs == ()


def test_commands_are_run_and_what_is_not_there_is_no_answer(place):
    code = "print('Usage: tally')"
    commands = [
        RecordedCommand("README.md", 1, ("python", "-c", code), ""),
        RecordedCommand("README.md", 5, ("no-such-command", "--help"), ""),
    ]
    printed = run_commands(place, commands)
    assert printed == {("python", "-c", code): "Usage: tally\n"}


def test_the_repositorys_own_style_check_decides(place):
    (place.tree / "a.md").write_text("bad\n")
    command = ["python", "-c", "import sys; sys.exit('bad' in open(sys.argv[1]).read())"]
    assert check_style(place, command, ["a.md"]).status is CheckStatus.FAILED
    (place.tree / "a.md").write_text("good\n")
    assert check_style(place, command, ["a.md"]).status is CheckStatus.PASSED
    assert check_style(place, [], ["a.md"]).status is CheckStatus.SKIPPED
    assert check_style(place, ["no-such-command"], ["a.md"]).status is CheckStatus.BROKEN


def test_the_interpreter_is_the_environments(place):
    code = "import sys; print(sys.version_info[:2])"
    printed = run_commands(place, [RecordedCommand("a.md", 1, ("python3", "-c", code), "")])
    assert set(printed.values()) == {f"{sys.version_info[:2]}\n"}
