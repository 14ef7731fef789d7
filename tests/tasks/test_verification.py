"""Real changes of a real repository are held against their base: what is proved, and what is not."""

from datetime import UTC, datetime
from functools import cached_property

import pytest

from mergewright.clients import trees
from mergewright.clients.checks import CheckRunner
from mergewright.clients.environments import prepare_environment
from mergewright.clients.kept_reports import KeptReports
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.checks import CheckReport
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase
from mergewright.domain.workspace import Workspace
from mergewright.settings import settings
from tasks._verification import base_report, verify, verify_affected
from tests.clients.check_samples import any_sandbox, commit_files, make_repository

BASE = {
    "prices.py": "def total(items):\n    return sum(items[1:])\n",
    "cart.py": "import prices\n",
    "test_prices.py": "import prices\n\ndef test_nothing():\n    assert prices.total([]) == 0\n",
    "test_cart.py": "import cart\n\ndef test_cart():\n    assert cart.prices.total([]) == 0\n",
    "test_far.py": "def test_far():\n    pass\n",
}
MENDED = "def total(items):\n    return sum(items)\n"
SHOWS = BASE["test_prices.py"] + "\ndef test_sum():\n    assert prices.total([1, 2]) == 3\n"


class Bench:
    def __init__(self, folder):
        self.repository = make_repository(folder / "repository")
        self.base_commit, self.base_tree = commit_files(self.repository, BASE)
        nothing = Codebase(commit=self.base_commit, file_count=0)
        sandbox = any_sandbox()
        self.runner = CheckRunner(
            self.repository,
            sandbox,
            (CheckCommand(kind=CheckKind.TESTS, argv=("pytest", "-q"), source="test"),),
            prepare_environment(nothing, self.repository, folder, sandbox),
            folder / "scratch",
        )
        self.workspace = Workspace(
            repository=str(folder / "repository"),
            mirror=self.repository,
            path=folder / "worktree",
            base="main",
            base_commit=self.base_commit,
            base_tree=self.base_tree,
            branch="feature/x",
            committed_at=datetime(2026, 11, 20, tzinfo=UTC),
        )

    @cached_property
    def base(self):
        return base_report(self.runner, self.base_tree)

    def change(self, **files):
        body = {path.replace("_py", ".py"): text for path, text in files.items()}
        _, tree = commit_files(self.repository, {**BASE, **body})
        return Changeset(
            base_commit=self.base_commit,
            tree=tree,
            diff=trees.diff(self.repository, self.base_commit, tree),
            files=trees.changed_files(self.repository, self.base_commit, tree),
            summary=ImplementationSummary(summary="Add it up", commit_subject="Add it up"),
        )

    def verify(self, **files):
        return verify(self.runner, self.workspace, self.base, self.change(**files))


@pytest.fixture
def bench(tmp_path, home):
    return Bench(tmp_path)


def test_a_fix_is_proved_by_both_runs(bench):
    seen = bench.verify(prices_py=MENDED, test_prices_py=SHOWS)
    assert seen.delta.is_clean
    assert seen.proof == ("test_prices.py::test_sum",)
    run = seen.proof_run
    assert (run.base_commit, run.base_exit_code, run.change_exit_code) == (bench.base_commit, 1, 0)
    assert run.tests == seen.proof
    assert run.argv == ("pytest", "-q")


def test_what_comes_out_alike_on_both_proves_nothing(bench):
    half = bench.verify(test_prices_py=SHOWS)
    assert [test.id for test in half.delta.new_failures] == ["test_prices.py::test_sum"]
    assert (half.proof, half.proof_run) == ((), None)
    named = "def tax():\n    return 1\n"
    unloaded = (
        "from prices import tax\nimport prices\n\n"
        "def test_nothing():\n    assert prices.total([]) == 0\n\n"
        "def test_tax():\n    assert tax() == 1\n"
    )
    seen = bench.verify(prices_py=MENDED + named, test_prices_py=unloaded)
    assert seen.proof == ("test_prices.py::test_tax",)


def test_the_tests_that_reach_a_change_are_run_first(bench):
    changeset = bench.change(prices_py="def total(items):\n    return 1\n")
    seen, paths = verify_affected(bench.runner, bench.workspace, bench.base, changeset)
    assert paths == ("test_prices.py", "test_cart.py")
    assert {test.id for test in seen.delta.new_failures} == {
        "test_prices.py::test_nothing",
        "test_cart.py::test_cart",
    }
    assert seen.delta.missing == ()


def test_a_base_is_checked_once_by_the_same_commands(bench):
    planted = CheckReport(tree=bench.base_tree, sandbox=any_sandbox().level, results=())
    KeptReports(settings().home / "baselines").keep(bench.runner.key(bench.base_tree), planted)
    assert bench.base == planted
