import pytest

from mergewright.clients.check_words import describe
from mergewright.clients.checks import CheckRunner
from mergewright.clients.environments import prepare_environment
from mergewright.domain.checks import (
    CheckStatus,
    compare,
)
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase
from mergewright.errors import NotFound, StoreFailed
from tests.clients.check_samples import any_sandbox, commit_files, git, make_repository

COMMANDS = (
    CheckCommand(kind=CheckKind.LINT, argv=("ruff", "check", "."), source="test"),
    CheckCommand(kind=CheckKind.TESTS, argv=("pytest", "-q"), source="test"),
)
GOOD = {
    "src/adding.py": "def add(a, b):\n    return a + b\n",
    "tests/test_adding.py": "from adding import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
}
BAD = {
    **GOOD,
    "src/adding.py": "import os\n\n\ndef add(a, b):\n    return a - b\n",
    "src/broken.py": "def half(:\n",
}


@pytest.fixture
def repository(tmp_path):
    return make_repository(tmp_path / "repository")


@pytest.fixture
def make_runner(repository, tmp_path):
    def make(commands=COMMANDS):
        sandbox = any_sandbox()
        nothing = Codebase(commit="c", file_count=0)
        environment = prepare_environment(nothing, repository, tmp_path, sandbox)
        return CheckRunner(repository, sandbox, commands, environment, tmp_path / "scratch")

    return make


def statuses(report):
    return {result.kind: result.status for result in report.results}


def test_a_good_and_a_bad_tree(repository, make_runner, tmp_path):
    runner = make_runner()
    _, good_tree = commit_files(repository, GOOD)
    _, bad_tree = commit_files(repository, BAD)
    good, bad = runner.run(good_tree), runner.run(bad_tree)

    assert set(statuses(good).values()) == {CheckStatus.PASSED}
    assert good.tree == good_tree
    assert good.sandbox is any_sandbox().level
    assert set(statuses(bad).values()) == {CheckStatus.FAILED}
    delta = compare(good, bad)
    assert [test.id for test in delta.new_failures] == ["tests/test_adding.py::test_add"]
    assert {(item.path, item.rule) for item in delta.new_findings} == {
        ("src/adding.py", "F401"),
        ("src/broken.py", "syntax"),
    }
    assert list((tmp_path / "scratch").iterdir()) == []

    again = runner.run(bad_tree)
    assert describe(again) == describe(bad)
    told = runner.describe(bad, delta)
    assert "src/adding.py:1 F401 `os` imported but unused\n  > 1 | import os\n    2 |\n" in told
    assert "FAILED tests/test_adding.py::test_add" in told
    assert "assert -1 == 3" in told
    assert "src/adding.py:1 F401 " in told
    assert "src/broken.py:1 syntax " in told
    assert str(tmp_path) not in told


def test_only_the_syntax_of_what_changed_is_looked_at_when_told(repository, make_runner):
    _, tree = commit_files(repository, {**BAD, "data.json": "{"})
    runner = make_runner(())
    changed = ["data.json", "gone.py", "../../etc/passwd"]
    report = runner.run(tree, changed=changed)
    assert [item.path for item in report.results[0].findings] == ["data.json"]
    everything = runner.run(tree).results[0].findings
    assert {item.path for item in everything} == {"data.json", "src/broken.py"}


def test_without_commands_nothing_is_run(repository, make_runner):
    _, tree = commit_files(repository, GOOD)
    assert statuses(make_runner(()).run(tree)) == {
        CheckKind.SYNTAX: CheckStatus.PASSED,
        CheckKind.LINT: CheckStatus.SKIPPED,
        CheckKind.TESTS: CheckStatus.SKIPPED,
    }


def test_files_that_are_no_text_or_lead_elsewhere_are_not_parsed(repository, make_runner, tmp_path):
    (tmp_path / "outside.py").write_text("def broken(:\n")
    commit_files(repository, {"a.py": "x = 1\n"})
    folder = repository.parent
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    (folder / "binary.py").write_bytes(b"\0\1\2")
    (folder / "latin.py").write_bytes(b"x = '\xe9'\n")
    tree = commit_tree_as_it_is(repository)
    (syntax, *_) = make_runner(()).run(tree).results
    assert (syntax.status, syntax.findings) == (CheckStatus.PASSED, ())


def commit_tree_as_it_is(repository):
    git(repository.parent, "add", "--all")
    git(repository.parent, "commit", "--quiet", "--message", "More")
    return git(repository.parent, "rev-parse", "HEAD^{tree}")


def test_scratch_is_removed_though_a_test_locks_it(repository, make_runner, tmp_path):
    body = (
        "import os\ndef test_lock():\n    os.mkdir('locked')\n    open('locked/x', 'w').close()\n"
        "    os.chmod('locked', 0)\n"
    )
    _, tree = commit_files(repository, {"test_lock.py": body})
    report = make_runner(COMMANDS[1:]).run(tree)
    assert report.results[-1].status is CheckStatus.PASSED
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_tree_that_is_not_there_leaves_nothing_behind(repository, make_runner, tmp_path):
    commit_files(repository, GOOD)
    with pytest.raises(NotFound):
        make_runner().run("0" * 40)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_scratch_folder_that_cannot_be_made_is_named(repository, make_runner, tmp_path):
    _, tree = commit_files(repository, GOOD)
    (tmp_path / "scratch").write_text("in the way")
    with pytest.raises(StoreFailed, match="scratch"):
        make_runner().run(tree)
