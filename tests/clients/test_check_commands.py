import sys
from pathlib import Path

import pytest

from mergewright.clients.check_commands import CheckPlace, run_check, selecting
from mergewright.clients.environments import prepare_environment
from mergewright.domain.checks import CheckStatus, TestOutcome
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase
from tests.clients.check_samples import any_sandbox

PYTEST = ("python", "-m", "pytest", "-q")
GREEN = "def test_one():\n    assert True\n"


@pytest.fixture
def place(tmp_path):
    sandbox = any_sandbox()
    nothing = Codebase(commit="c", file_count=0)
    place = CheckPlace(
        tree=tmp_path / "tree",
        reports=tmp_path / "reports",
        environment=prepare_environment(nothing, tmp_path, tmp_path, sandbox),
        sandbox=sandbox,
        timeout_seconds=60,
    )
    place.tree.mkdir()
    place.reports.mkdir()
    return place


def write(place, **files):
    for name, body in files.items():
        (place.tree / f"{name}.py").write_text(body)


def check(place, *argv, kind=CheckKind.TESTS):
    return run_check(CheckCommand(kind=kind, argv=argv, source="test"), place)


def test_green_and_red_tests_have_ids_outcomes_and_messages(place):
    body = (
        "import pytest\n"
        + GREEN
        + (
            "class TestK:\n"
            "    @pytest.mark.parametrize('x', [1, 2])\n"
            "    def test_two(self, x):\n        assert x == 1, {'id': object()}\n"
            "@pytest.mark.skip(reason='later')\ndef test_three(): pass\n"
        )
    )
    write(place, test_a=body)
    result = check(place, *PYTEST)
    assert result.status is CheckStatus.FAILED
    assert result.exit_code == 1
    assert {test.id: test.outcome for test in result.tests} == {
        "test_a.py::test_one": TestOutcome.PASSED,
        "test_a.py::TestK::test_two[1]": TestOutcome.PASSED,
        "test_a.py::TestK::test_two[2]": TestOutcome.FAILED,
        "test_a.py::test_three": TestOutcome.SKIPPED,
    }
    (red,) = (test for test in result.tests if test.is_red)
    assert "assert 2 == 1" in red.message
    assert "0x..." in red.message
    assert str(place.tree) not in result.output + red.message
    again = check(place, *PYTEST)
    assert (again.tests, again.output) == (result.tests, result.output)


def test_green_tests_pass(place):
    write(place, test_a=GREEN)
    result = check(place, "pytest")
    assert (result.status, len(result.tests)) == (CheckStatus.PASSED, 1)
    assert result.argv == ("pytest",)


def test_a_launcher_that_is_not_there_is_not_needed(place):
    write(place, test_a=GREEN)
    assert check(place, "uv", "run", "pytest").status is CheckStatus.PASSED


def test_code_is_found_at_the_top_and_in_src(place):
    (place.tree / "src").mkdir()
    (place.tree / "src" / "inner.py").write_text("X = 1\n")
    write(place, outer="Y = 2\n", test_a="import inner, outer\n" + GREEN)
    assert check(place, "pytest").status is CheckStatus.PASSED


def test_a_collection_error_is_a_red_test_and_not_a_broken_check(place):
    write(place, test_a=GREEN, test_b="import nothing_like_this\n")
    result = check(place, *PYTEST)
    assert result.status is CheckStatus.FAILED
    (red,) = (test for test in result.tests if test.is_red)
    assert (red.id, red.outcome) == ("test_b.py", TestOutcome.ERROR)
    assert "nothing_like_this" in red.message


def test_no_tests_are_skipped(place):
    assert check(place, *PYTEST).status is CheckStatus.SKIPPED


def test_a_wrong_option_breaks_the_check(place):
    write(place, test_a=GREEN)
    result = check(place, *PYTEST, "--no-such-option")
    assert (result.status, result.exit_code) == (CheckStatus.BROKEN, 4)
    assert "--no-such-option" in result.output


def test_a_test_that_kills_the_runner_breaks_the_check(place):
    write(place, test_a="import os\ndef test_x():\n    os._exit(0)\n")
    assert check(place, *PYTEST).status is CheckStatus.BROKEN


def test_a_test_that_never_ends_breaks_the_check(place):
    write(place, test_a="import time\ndef test_x():\n    time.sleep(60)\n")
    short = CheckPlace(place.tree, place.reports, place.environment, place.sandbox, 1.5)
    result = check(short, *PYTEST)
    assert result.status is CheckStatus.BROKEN
    assert result.exit_code is None
    assert "time limit" in result.output


def test_a_report_that_leads_outside_is_not_read(place, tmp_path):
    (tmp_path / "secret.xml").write_text("<testsuite><testcase name='secret'/></testsuite>")
    script = (
        "import os, sys\nfor word in sys.argv:\n    if 'junit.xml' in word:\n"
        f"        os.symlink({str(tmp_path / 'secret.xml')!r}, word.split('=')[1])\n"
    )
    (place.tree / "pytest").write_text(script)
    result = check(place, "python", "pytest")
    assert result.status is CheckStatus.BROKEN
    assert result.tests == ()


def test_a_program_that_is_not_there_breaks_the_check(place):
    result = check(place, "no-such-runner", "--all")
    assert (result.status, result.exit_code) == (CheckStatus.BROKEN, 127)
    assert "no-such-runner" in result.output


def test_a_command_that_leaves_no_report_is_one_test_by_exit_code(place):
    write(place, run="print('AssertionError: 1 != 2')\nraise SystemExit(1)\n")
    red = check(place, "python", "run.py")
    assert red.status is CheckStatus.FAILED
    assert (red.tests[0].id, red.tests[0].message) == ("python run.py", "AssertionError: 1 != 2")
    write(place, run="")
    green = check(place, "python", "run.py")
    assert (green.status, green.tests[0].outcome) == (CheckStatus.PASSED, TestOutcome.PASSED)


def test_a_report_that_a_command_leaves_is_read_and_one_that_was_there_is_not(place):
    report = "<testsuite><testcase classname='shop.PriceTest$Inner' name='adds'/></testsuite>"
    write(place, run=f"open('TEST-shop.xml', 'w').write({report!r})\n")
    (place.tree / "TEST-old.xml").write_text(report.replace("adds", "never ran"))
    (place.tree / "src/shop").mkdir(parents=True)
    (place.tree / "src/shop/PriceTest.java").touch()
    result = check(place, "python", "run.py")
    assert [test.id for test in result.tests] == ["src/shop/PriceTest.java::Inner::adds"]
    assert (place.tree / "TEST-old.xml").exists()


def test_pytest_below_another_program_names_its_tests(place):
    write(place, test_a=GREEN + GREEN.replace("one", "two").replace("True", "False"))
    write(
        place,
        run="import subprocess, sys\nraise SystemExit(subprocess.call([sys.executable, '-m', 'pytest']))\n",
    )
    result = check(place, "python", "run.py")
    assert {test.id: test.outcome for test in result.tests} == {
        "test_a.py::test_one": TestOutcome.PASSED,
        "test_a.py::test_two": TestOutcome.FAILED,
    }


def test_ruff_findings_have_path_line_and_rule(place):
    (place.tree / "pkg").mkdir()
    (place.tree / "pkg" / "a.py").write_text("x = 1\nimport os\n")
    result = check(place, "ruff", "check", "--fix", ".", kind=CheckKind.LINT)
    assert result.status is CheckStatus.FAILED
    rules = {(item.path, item.line, item.rule) for item in result.findings}
    assert ("pkg/a.py", 2, "F401") in rules
    assert (place.tree / "pkg" / "a.py").read_text() == "x = 1\nimport os\n"


def test_ruff_without_findings_passes_and_leaves_syntax_to_others(place):
    write(place, a="x = 1\n")
    assert check(place, "ruff", "check", kind=CheckKind.LINT).status is CheckStatus.PASSED
    write(place, a="def broken(:\n")
    result = check(place, "ruff", "check", kind=CheckKind.LINT)
    assert (result.status, result.findings) == (CheckStatus.PASSED, ())


def test_a_broken_ruff_configuration_breaks_the_check(place):
    (place.tree / "ruff.toml").write_text("no-such-key = 1\n")
    result = check(place, "ruff", "check", kind=CheckKind.LINT)
    assert result.status is CheckStatus.BROKEN
    assert "no-such-key" in result.output


def test_ruff_is_there_for_an_environment_that_has_none(place, tmp_path):
    bare = place.environment.model_copy(
        update={"python": tmp_path / "venv/bin/python", "variables": {}}
    )
    other = CheckPlace(place.tree, place.reports, bare, place.sandbox, 60)
    write(place, a="import os\n")
    result = check(other, "ruff", "check", kind=CheckKind.LINT)
    assert [item.rule for item in result.findings] == ["F401"]


def test_another_linter_that_names_places_gives_findings(place):
    write(place, a="x = 1\n", lint="print('a.py:1:1: X100 bad name')\nraise SystemExit(1)\n")
    result = check(place, "python", "lint.py", kind=CheckKind.LINT)
    assert [(item.path, item.line, item.rule) for item in result.findings] == [("a.py", 1, "X100")]


def test_another_linter_that_says_nothing_useful_is_one_finding(place):
    write(place, lint="raise SystemExit(int(open('code').read()))\n")
    (place.tree / "code").write_text("1")
    result = check(place, "python", "lint.py", kind=CheckKind.LINT)
    assert result.status is CheckStatus.FAILED
    assert [item.rule for item in result.findings] == ["python"]
    (place.tree / "code").write_text("0")
    green = check(place, "python", "lint.py", kind=CheckKind.LINT)
    assert (green.status, green.findings) == (CheckStatus.PASSED, ())


def test_the_interpreter_is_the_environments(place):
    write(place, show="import sys\nprint(sys.prefix)\n")
    result = check(place, "python3", "show.py")
    assert Path(result.output) == Path(sys.prefix)


def test_only_the_files_that_are_named_are_tested(place):
    write(place, test_a=GREEN, test_b=GREEN.replace("True", "False"))
    (place.tree / "more").mkdir()
    (place.tree / "more" / "test_c.py").write_text(GREEN)
    every = CheckCommand(kind=CheckKind.TESTS, argv=(*PYTEST, "more", "test_b.py"), source="test")
    one = selecting(every, ("test_a.py",), place.tree)
    assert one.argv == (*PYTEST, "test_a.py")
    result = run_check(one, place)
    assert [test.id for test in result.tests] == ["test_a.py::test_one"]
    assert result.status is CheckStatus.PASSED


def test_a_command_of_no_known_runner_cannot_be_told_which(place):
    for argv in (("make", "test"), ("npm", "test"), ("cargo", "test")):
        command = CheckCommand(kind=CheckKind.TESTS, argv=argv, source="test")
        assert selecting(command, ("a.py",), place.tree) is None
