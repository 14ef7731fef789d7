"""Real test files that come out by chance, by their neighbours, or always the same."""

import pytest

from mergewright.clients.checks import CheckRunner
from mergewright.clients.environments import prepare_environment
from mergewright.clients.flaky_tests import MAX_SUSPECTS, settle
from mergewright.clients.sandbox import Bind
from mergewright.domain.checks import CheckStatus, TestOutcome, compare
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase
from tests.clients.check_samples import any_sandbox, commit_files, make_repository

STEADY = "def test_good():\n    pass\n\ndef test_bad():\n    assert 1 == 2\n"
CHANCE = """
import pathlib

def test_chance():
    tries = pathlib.Path({tries!r})
    tries.write_text(tries.read_text() + "x")
    assert len(tries.read_text()) > {red}
"""
LITTERING = {
    "shelf.py": "things = []\n",
    "test_a.py": "import shelf\n\ndef test_litter():\n    shelf.things.append(1)\n",
    "test_b.py": "import shelf\n\ndef test_tidy():\n    assert shelf.things == []\n",
}


class Bench:
    """A repository, and a runner that lets tests write to one file beside it."""

    def __init__(self, tmp_path):
        self.tries = tmp_path / "tries"
        self.tries.mkdir()
        self.tries.chmod(0o777)
        self.repository = make_repository(tmp_path / "repository")
        self.folder = tmp_path
        self.sandbox = any_sandbox()
        nothing = Codebase(commit="c", file_count=0)
        self.environment = prepare_environment(nothing, tmp_path, tmp_path, self.sandbox)

    def count(self):
        return len((self.tries / "count").read_text())

    def chance(self, red):
        """Return a test that is red so many times, whichever tree it runs in, and green from then on."""
        counter = self.tries / "count"
        counter.write_text("")
        counter.chmod(0o666)
        return CHANCE.format(tries=str(counter), red=red)

    def run(self, files, *argv):
        _, tree = commit_files(self.repository, files)
        command = CheckCommand(kind=CheckKind.TESTS, argv=argv or ("pytest", "-q"), source="test")
        runner = Counting(self, command)
        report = runner.run(tree)
        red = [test.id for test in report.red_tests]
        return report, settle(runner, report, red)


class Counting(CheckRunner):
    """A check runner whose sandbox shows one more folder: what lasts from run to run."""

    def __init__(self, bench, command):
        environment = bench.environment
        super().__init__(
            bench.repository, Lasting(bench), (command,), environment, bench.folder / "scratch"
        )


class Lasting:
    def __init__(self, bench):
        self._sandbox, self._tries = bench.sandbox, bench.tries
        self.level = bench.sandbox.level

    def run(self, argv, *, binds, **options):
        return self._sandbox.run(argv, binds=[*binds, Bind(self._tries, writable=True)], **options)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def outcomes(report):
    return {test.id: test.outcome for result in report.results for test in result.tests}


def test_what_fails_beside_others_and_not_alone_is_no_chance(bench):
    before, after = bench.run(LITTERING)
    assert [test.id for test in before.red_tests] == ["test_b.py::test_tidy"]
    assert after.red_tests == before.red_tests
    assert after.flaky_tests == ()


def test_a_test_that_came_out_both_ways_is_flaky_beside_one_that_is_red_again(bench):
    before, after = bench.run({"test_a.py": STEADY, "test_c.py": bench.chance(1)})
    assert outcomes(after) == {
        "test_a.py::test_good": TestOutcome.PASSED,
        "test_a.py::test_bad": TestOutcome.FAILED,
        "test_c.py::test_chance": TestOutcome.FLAKY,
    }
    assert bench.count() == 3
    assert "assert" in after.flaky_tests[0].message
    assert after.result(CheckKind.TESTS).status is CheckStatus.FAILED
    delta = compare(before.model_copy(update={"results": ()}), after)
    assert [test.id for test in delta.new_failures] == ["test_a.py::test_bad"]
    assert delta.flaky == ("test_c.py::test_chance",)


def test_a_runner_that_cannot_be_told_which_is_run_again_whole(bench):
    body = "import test_c\ntest_c.test_chance()\n"
    before, after = bench.run({"run.py": body, "test_c.py": bench.chance(1)}, "python", "run.py")
    assert [test.id for test in before.red_tests] == ["python run.py"]
    assert [test.id for test in after.flaky_tests] == ["python run.py"]
    assert bench.count() == 2
    assert after.result(CheckKind.TESTS).status is CheckStatus.PASSED
    assert compare(before.model_copy(update={"results": ()}), after).is_clean


def test_a_flood_of_red_is_not_run_again(bench):
    body = "import pytest\n@pytest.mark.parametrize('n', range(100))\ndef test_x(n):\n    assert n < 0\n"
    _, tree = commit_files(bench.repository, {"test_a.py": body})
    command = CheckCommand(kind=CheckKind.TESTS, argv=("pytest", "-q"), source="test")
    runner = Counting(bench, command)
    report = runner.run(tree)
    assert len(report.red_tests) > MAX_SUSPECTS
    assert settle(runner, report, [test.id for test in report.red_tests]) is report
