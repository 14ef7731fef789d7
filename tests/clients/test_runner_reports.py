"""What runners wrote when they were run on one small shop, red and green, read under stable ids."""

from pathlib import Path

import pytest

from mergewright.clients.junit_files import read_junit_files
from mergewright.clients.runner_reports import read_cargo, read_go, read_scripts, read_unittest
from mergewright.domain.checks import TestOutcome

RECORDINGS = Path(__file__).with_name("recordings")
PASSED, FAILED, SKIPPED, ERROR = (
    TestOutcome.PASSED,
    TestOutcome.FAILED,
    TestOutcome.SKIPPED,
    TestOutcome.ERROR,
)


def recorded(name):
    return (RECORDINGS / name).read_text()


def tidy(text):
    return text.replace("/repository/", "")


def outcomes(tests):
    return {test.id: test.outcome for test in tests}


def message(tests, outcome=FAILED):
    return next(test.message for test in tests if test.outcome is outcome)


@pytest.mark.parametrize(("name", "folder"), [("jest.json", ""), ("vitest.json", "vt/")])
def test_scripts(name, folder):
    tests = read_scripts(recorded(name), tidy)
    assert outcomes(tests) == {
        f"{folder}broken.test.js": ERROR,
        f"{folder}price.test.js::total::adds prices": PASSED,
        f"{folder}price.test.js::total::discount::takes ten percent": FAILED,
        f"{folder}price.test.js::total::discount::is shown": SKIPPED,
        f"{folder}price.test.js::total::discount::is rounded": SKIPPED,
        f"{folder}price.test.js::total::twice 1": PASSED,
        f"{folder}price.test.js::total::twice 2": PASSED,
    }
    assert "9" in message(tests)
    assert "price.test.js" in message(tests)
    assert "nothing-like-this" in message(tests, ERROR)


def make_go_module(root):
    (root / "price").mkdir()
    (root / "go.mod").write_text("module example.org/shop\n\ngo 1.19\n")
    defined = "".join(f"func {name}(t *testing.T) {{}}\n" for name in ("TestTotal", "TestShown"))
    (root / "price" / "price_test.go").write_text(defined)
    (root / "price" / "link_test.go").symlink_to("/etc/hostname")


def test_go(tmp_path):
    make_go_module(tmp_path)
    tests = read_go(recorded("go.txt"), tmp_path, tidy)
    assert outcomes(tests) == {
        "price/price_test.go::TestTotal": PASSED,
        "price::TestDiscount": FAILED,
        "price::TestDiscount/ten_percent": FAILED,
        "price::TestDiscount/none": PASSED,
        "price/price_test.go::TestShown": SKIPPED,
        "broken": ERROR,
    }
    messages = {test.id: test.message for test in tests}
    assert messages["price::TestDiscount/ten_percent"] == "    price_test.go:15: got 9, want 8"
    assert "undefined: nothing" in messages["broken"]


def test_a_go_package_that_fails_without_a_test_is_red_itself(tmp_path):
    text = (
        '{"Action":"output","Package":"a/b","Output":"panic: no database\\n"}\n'
        '{"Action":"fail","Package":"a/b","Elapsed":0.1}\n'
    )
    (test,) = read_go(text, tmp_path, tidy)
    assert (test.id, test.outcome, test.message) == ("a/b", ERROR, "panic: no database")


def test_cargo(tmp_path):
    for path in ("src/lib.rs", "tests/whole.rs"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).touch()
    tests = read_cargo(recorded("cargo.txt"), tmp_path, tidy)
    assert outcomes(tests) == {
        "src/lib.rs::tests::is_shown": SKIPPED,
        "src/lib.rs::tests::adds_prices": PASSED,
        "src/lib.rs::tests::refuses": PASSED,
        "src/lib.rs::tests::takes_ten_percent": FAILED,
        "tests/whole.rs::sums_to_nothing": PASSED,
        "doc shop::src/lib.rs - total (line 3)": PASSED,
    }
    assert "left: 9\n right: 8" in message(tests)
    assert "test result" not in message(tests)


def test_crates_that_have_a_file_of_one_name_are_told_apart(tmp_path):
    running = "     Running unittests src/lib.rs (target/debug/deps/{}-507999230d6984fa)\n"
    text = "".join(running.format(name) + "test works ... ok\n" for name in ("one", "two"))
    assert set(outcomes(read_cargo(text, tmp_path, tidy))) == {
        "one/src/lib.rs::works",
        "two/src/lib.rs::works",
    }


def test_surefire(tmp_path):
    (tmp_path / "src/test/java/shop").mkdir(parents=True)
    (tmp_path / "src/test/java/shop/PriceTest.java").touch()
    reports = tmp_path / "target" / "surefire-reports"
    reports.mkdir(parents=True)
    (reports / "TEST-shop.PriceTest.xml").write_text(recorded("surefire.xml"))
    (reports / "TEST-link.xml").symlink_to("/etc/hostname")
    tests = read_junit_files(tmp_path, str)
    assert outcomes(tests) == {
        "src/test/java/shop/PriceTest.java::addsPrices": PASSED,
        "src/test/java/shop/PriceTest.java::isShown": SKIPPED,
        "src/test/java/shop/PriceTest.java::Discount::takesTenPercent": FAILED,
    }
    assert "expected: <8> but was: <9>" in message(tests)


@pytest.mark.parametrize(
    "text", ["", "[", '{"a": 1}', "[[]]", '{"testResults": [{"name": "a"}]}', "[1]"]
)
def test_what_is_no_report_is_none(tmp_path, text):
    assert read_scripts(text, tidy) is None
    assert read_unittest(text, tidy) is None
    assert read_go(text, tmp_path, tidy) is None
    assert read_cargo(text, tmp_path, tidy) is None
    assert read_junit_files(tmp_path, tidy) is None
