"""Commands that call a runner are recognised; the runners that are here are run, and name their tests."""

import json
import shutil
from pathlib import Path

import pytest

from mergewright.clients.check_commands import CheckPlace, run_check, selecting
from mergewright.clients.check_runners import find_call
from mergewright.clients.environments import prepare_environment
from mergewright.domain.checks import CheckStatus, TestOutcome
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase, Manifest
from tests.clients.check_samples import any_sandbox

PASSED, FAILED, SKIPPED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.SKIPPED
REPORT = Path("R")


def needs(program):
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"{program} is not installed on this host"
    )


@pytest.fixture
def place(tmp_path):
    sandbox = any_sandbox()
    manifests = (
        Manifest(path="Cargo.toml", ecosystem="rust"),
        Manifest(path="go.mod", ecosystem="go"),
        Manifest(path="package.json", ecosystem="node"),
    )
    shop = Codebase(commit="c", file_count=0, manifests=manifests)
    environment = prepare_environment(shop, tmp_path, tmp_path, sandbox)
    place = CheckPlace(tmp_path / "tree", tmp_path / "reports", environment, sandbox, 120)
    place.tree.mkdir()
    place.reports.mkdir()
    return place


def write(place, files):
    for path, body in files.items():
        (place.tree / path).parent.mkdir(parents=True, exist_ok=True)
        (place.tree / path).write_text(body)


def command(*argv):
    return CheckCommand(kind=CheckKind.TESTS, argv=argv, source="test")


def outcomes(result):
    return {test.id: test.outcome for test in result.tests}


@pytest.mark.parametrize(
    ("argv", "name", "reporting"),
    [
        ("poetry run pytest -q", "pytest", ""),
        ("python -m pytest", "pytest", ""),
        ("npx jest src", "jest", "npx jest --ci --json --outputFile=R src"),
        ("vitest run", "vitest", "vitest --run --reporter=json --outputFile=R run"),
        ("go test ./...", "go", "go test -json ./..."),
        ("cargo test --workspace", "cargo", "cargo test --no-fail-fast --workspace"),
        ("mvn --batch-mode test", "maven", "mvn --fail-at-end --batch-mode test"),
        ("./gradlew test", "gradle", "./gradlew --continue test"),
        (
            "node --test lib",
            "node",
            "node --test --test-reporter=junit --test-reporter-destination=R lib",
        ),
    ],
)
def test_a_runner_is_recognised_by_the_words_of_a_command(tmp_path, argv, name, reporting):
    call = find_call(argv.split(), tmp_path)
    assert call.runner.name == name
    if reporting:
        assert call.reporting(REPORT) == reporting.split()


@pytest.mark.parametrize(
    "argv", ["make test", "go vet ./...", "cargo build", "node a.js", "npm test"]
)
def test_what_is_no_runner_is_none(tmp_path, argv):
    assert find_call(argv.split(), tmp_path) is None


@pytest.mark.parametrize(
    ("argv", "script", "reporting"),
    [
        ("npm test", "jest", "npm test -- --ci --json --outputFile=R"),
        ("npm run unit -- --bail", "jest", "npm run unit -- --ci --json --outputFile=R --bail"),
        ("yarn test", "tsc && NODE_ENV=test jest src", "yarn test --ci --json --outputFile=R"),
        ("pnpm test", "vitest", "pnpm test --run --reporter=json --outputFile=R"),
        ("npm test", "c8 npx mocha", "npm test -- --reporter=xunit --reporter-option=output=R"),
        ("npm test", "jest && echo done", None),
        ("npm test", "npm test", None),
        ("npm test", "'", None),
        ("npm test", "pytest", None),
    ],
)
def test_a_script_of_a_package_is_what_it_ends_with(tmp_path, argv, script, reporting):
    (tmp_path / "package.json").write_text(
        json.dumps({"scripts": {"test": script, "unit": script}})
    )
    call = find_call(argv.split(), tmp_path)
    assert (call and call.reporting(REPORT)) == (reporting and reporting.split())


@pytest.mark.parametrize(
    ("argv", "paths", "selected"),
    [
        ("jest", ["a.test.js"], "jest --runTestsByPath a.test.js"),
        ("vitest run", ["a.test.ts"], "vitest run a.test.ts"),
        ("go test -race ./...", ["a/b_test.go", "c_test.go"], "go test -race . ./a"),
        ("python -m unittest", ["t/test_a.py"], "python -m unittest -k *test_a.*"),
        (
            "mvn test",
            ["src/test/java/shop/PriceTest.java"],
            "mvn -Dtest=PriceTest -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false test",
        ),
    ],
)
def test_a_runner_is_told_which_tests(tmp_path, argv, paths, selected):
    assert find_call(argv.split(), tmp_path).selecting(paths, tmp_path) == selected.split()


UNITTEST = {
    "tests/__init__.py": "",
    "tests/test_price.py": (
        "import unittest\n"
        "class Price(unittest.TestCase):\n"
        "    def test_adds(self):\n        print('noise')\n"
        "    def test_discount(self):\n"
        "        for rate in (0, 1):\n"
        "            with self.subTest(rate=rate):\n                self.assertEqual(rate, 0)\n"
        "    @unittest.skip('later')\n    def test_shown(self): pass\n"
        "    @unittest.expectedFailure\n    def test_odd(self): self.fail()\n"
    ),
    "tests/test_broken.py": "import nothing_like_this\n",
}


def test_unittest(place):
    write(place, UNITTEST)
    every = command("python", "-m", "unittest", "discover", "-s", "tests", "-t", ".")
    result = run_check(every, place)
    assert result.status is CheckStatus.FAILED
    assert outcomes(result) == {
        "tests/test_broken.py": TestOutcome.ERROR,
        "tests/test_price.py::Price::test_adds": PASSED,
        "tests/test_price.py::Price::test_discount": FAILED,
        "tests/test_price.py::Price::test_shown": SKIPPED,
        "tests/test_price.py::Price::test_odd": SKIPPED,
    }
    (red,) = (test for test in result.tests if test.outcome is FAILED)
    assert "(rate=1)" in red.message
    assert "AssertionError: 1 != 0" in red.message
    (place.tree / "tests/test_broken.py").write_text("import unittest\n")
    one = selecting(every, ("tests/test_broken.py",), place.tree)
    assert run_check(one, place).status is CheckStatus.SKIPPED


@needs("node")
def test_node(place):
    body = (
        'const { describe, it } = require("node:test");\nconst assert = require("node:assert");\n'
        'describe("total", () => {\n  it("adds", () => assert.equal(3, 3));\n'
        '  it("discount", () => assert.equal(9, 8));\n});\n'
    )
    write(place, {"price.test.js": body, "package.json": '{"scripts": {"test": "node --test"}}'})
    result = run_check(command("node", "--test"), place)
    assert result.status is CheckStatus.FAILED
    assert outcomes(result) == {"total::adds": PASSED, "total::discount": FAILED}


@needs("go")
def test_go(place):
    body = (
        'package price\n\nimport "testing"\n\nfunc TestAdds(t *testing.T) {}\n\n'
        'func TestDiscount(t *testing.T) { t.Errorf("got %d, want %d", 9, 8) }\n'
    )
    write(place, {"go.mod": "module example.org/shop\n", "price/price_test.go": body})
    result = run_check(command("go", "test", "./..."), place)
    assert outcomes(result) == {
        "price/price_test.go::TestAdds": PASSED,
        "price/price_test.go::TestDiscount": FAILED,
    }


@needs("cargo")
def test_cargo(place):
    body = (
        "#[test]\nfn adds() { assert_eq!(1 + 2, 3); }\n\n"
        "#[test]\nfn discount() { assert_eq!(9, 8); }\n"
    )
    manifest = '[package]\nname = "shop"\nversion = "1.0.0"\nedition = "2021"\n'
    write(place, {"Cargo.toml": manifest, "src/lib.rs": "", "tests/price.rs": body})
    result = run_check(command("cargo", "test"), place)
    assert result.status is CheckStatus.FAILED, result.output
    assert outcomes(result) == {
        "tests/price.rs::adds": PASSED,
        "tests/price.rs::discount": FAILED,
    }
    (place.tree / "tests/price.rs").write_text("#[test]\nfn adds() { nothing(); }\n")
    unbuilt = run_check(command("cargo", "test"), place)
    assert (unbuilt.status, unbuilt.tests) == (CheckStatus.BROKEN, ())
    assert "nothing" in unbuilt.output
