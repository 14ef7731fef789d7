"""A test that is another one now is not lost; one that only runs no more is."""

import pytest

from flows._lost_tests import lost_tests
from mergewright.domain.checks import (
    CheckReport,
    CheckResult,
    CheckStatus,
    SandboxLevel,
    TestOutcome,
    TestResult,
    Verification,
    compare,
)
from mergewright.domain.codebase import CheckKind
from mergewright.domain.objections import Evidence


def report(names):
    tests = tuple(TestResult(id=name, outcome=TestOutcome.PASSED) for name in names)
    result = CheckResult(kind=CheckKind.TESTS, status=CheckStatus.PASSED, tests=tests)
    return CheckReport(tree="t", sandbox=SandboxLevel.BUBBLEWRAP, results=(result,))


@pytest.mark.parametrize(
    ("before", "after", "became", "gone", "lost"),
    [
        (["a.py::x"], ["a.py::x"], {}, (), ()),
        (["a.py::x"], [], {}, (), ("a.py::x",)),
        (["a.py::x"], ["b.py::x"], {"a.py::x": "b.py::x"}, (), ()),
        (["a.py::x"], [], {"a.py::x": "b.py::x"}, (), ("a.py::x",)),
        (["a.py::x"], [], {}, ("a.py::x",), ()),
        (["a.py::x[1]", "a.py::x[2]"], ["a.py::x[1]", "a.py::x[3]"], {}, (), ()),
        (["a.py::x[1]", "a.py::x[2]"], ["a.py::x[1]"], {}, (), ("a.py::x[2]",)),
        (
            ["a.py::x", "a.py::y"],
            ["a.py::t[1]"],
            {"a.py::x": "a.py::t", "a.py::y": "a.py::t"},
            (),
            ("a.py::x", "a.py::y"),
        ),
        (
            ["a.py::x", "a.py::y"],
            ["a.py::t[1]", "a.py::t[2]"],
            {"a.py::x": "a.py::t", "a.py::y": "a.py::t"},
            (),
            (),
        ),
        (["a.go::T/one case"], ["a.go::T/two"], {"a.go::T::one case": "a.go::T::two"}, (), ()),
        (["shop::adds"], ["shop::adds up"], {"a.js::shop::adds": "a.js::shop::adds up"}, (), ()),
    ],
)
def test_what_took_its_place_must_run(before, after, became, gone, lost):
    base, change = report(before), report(after)
    seen = Verification(
        report=change,
        delta=compare(base, change),
        evidence=Evidence(became=became, gone=gone),
    )
    assert lost_tests(seen) == lost
