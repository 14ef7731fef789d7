from pathlib import Path

import pytest

from mergewright.clients.junit import MAX_MESSAGE_LINES, parse_junit, read_report, trim_message
from mergewright.domain.checks import TestOutcome

RECORDINGS = Path(__file__).with_name("recordings")


def parse(cases, root):
    return parse_junit(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", root, str)


def ids(cases, root):
    return [test.id for test in parse(cases, root)]


def test_an_id_is_path_class_and_name(tmp_path):
    cases = (
        '<testcase classname="tests.test_a" file="tests/test_a.py" name="test_one[1-a.b]"/>'
        '<testcase classname="tests.test_a.TestK.TestInner" file="tests/test_a.py" name="test_p"/>'
    )
    assert ids(cases, tmp_path) == [
        "tests/test_a.py::test_one[1-a.b]",
        "tests/test_a.py::TestK::TestInner::test_p",
    ]


def test_an_inherited_test_is_where_its_class_is(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_child.py").touch()
    case = '<testcase classname="tests.test_child.TestChild" file="tests/shared.py" name="test_x"/>'
    assert ids(case, tmp_path) == ["tests/test_child.py::TestChild::test_x"]


def test_a_report_without_files_still_has_ids(tmp_path):
    assert ids('<testcase classname="Suite.Case" name="works"/>', tmp_path) == ["Suite.Case::works"]
    assert ids('<testcase name="works"/>', tmp_path) == ["works"]


def test_a_collection_error_is_the_file(tmp_path):
    case = (
        '<testcase classname="" name="tests.test_b" file="tests/test_b.py">'
        '<error message="collection failure">E   ModuleNotFoundError: no x</error></testcase>'
    )
    (test,) = parse(case, tmp_path)
    assert (test.id, test.outcome) == ("tests/test_b.py", TestOutcome.ERROR)
    assert test.message == "collection failure\nE   ModuleNotFoundError: no x"


def test_outcomes_and_messages(tmp_path):
    cases = (
        '<testcase classname="a" name="p"><system-out>noise</system-out></testcase>'
        '<testcase classname="a" name="f"><failure message="assert 1 == 2">E assert 1 == 2'
        "</failure></testcase>"
        '<testcase classname="a" name="s"><skipped message="not here">x.py:3: not here</skipped>'
        "</testcase>"
    )
    passed, failed, skipped = parse(cases, tmp_path)
    assert passed.outcome is TestOutcome.PASSED
    assert (failed.outcome, failed.message) == (TestOutcome.FAILED, "E assert 1 == 2")
    assert (skipped.outcome, skipped.message) == (TestOutcome.SKIPPED, "not here")


def test_a_test_that_is_written_twice_is_red_once(tmp_path):
    cases = (
        '<testcase classname="a" name="t"/>'
        '<testcase classname="a" name="t"><error message="failed on teardown">E</error></testcase>'
        '<testcase classname="a" name="t"/>'
    )
    (test,) = parse(cases, tmp_path)
    assert test.outcome is TestOutcome.ERROR


def test_messages_keep_their_end(tmp_path):
    text = "\n".join(f"line {number}" for number in range(100))
    lines = trim_message(text).splitlines()
    assert len(lines) == MAX_MESSAGE_LINES
    assert (lines[0], lines[-1]) == ("...", "line 99")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not xml",
        "<testsuite>",
        '<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase/></testsuite>',
    ],
)
def test_what_is_no_report_is_none(tmp_path, text):
    assert parse_junit(text, tmp_path, str) is None


def test_a_report_that_leads_elsewhere_is_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("<testsuite/>")
    link = tmp_path / "junit.xml"
    link.symlink_to(secret)
    assert read_report(secret) == "<testsuite/>"
    assert read_report(link) is None
    assert read_report(tmp_path) is None
    assert read_report(tmp_path / "missing") is None


def test_suites_within_suites_are_the_names_of_nodes_tests(tmp_path):
    text = (RECORDINGS / "node.xml").read_text()
    assert {test.id: test.outcome for test in parse_junit(text, tmp_path, str)} == {
        "total::adds prices": TestOutcome.PASSED,
        "total::takes ten percent": TestOutcome.FAILED,
        "total::is shown": TestOutcome.SKIPPED,
        "alone": TestOutcome.PASSED,
    }


def test_a_file_that_no_class_is_named_after_is_told_with_its_class(tmp_path):
    text = (RECORDINGS / "mocha.xml").read_text()
    tests = parse_junit(text, tmp_path, lambda told: told.replace("/repository/", ""))
    assert [test.id for test in tests] == [
        "m.cjs::total::adds prices",
        "m.cjs::total discount::takes ten percent",
        "m.cjs::total discount::is shown",
    ]
    assert tests[1].message.startswith("9 == 8")
