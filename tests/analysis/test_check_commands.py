import pytest

from mergewright.analysis.check_commands import find_commands
from mergewright.analysis.manifests import find_manifests
from mergewright.analysis.survey import find_languages
from mergewright.domain.codebase import CheckKind
from tests.analysis.trees import sources

UNITTEST = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): ...\n"


def commands(contents):
    tree = sources(contents)
    found = find_commands(tree, find_manifests(tree), find_languages(tree))
    return {command.kind: (command.argv, command.source) for command in found}


def test_python_without_any_configuration_gets_the_built_in_checks():
    assert commands({"a.py": "x = 1\n"}) == {
        CheckKind.SYNTAX: ((), "built in"),
        CheckKind.LINT: (
            ("ruff", "check", "--isolated", "--select", "E9,F"),
            "built in rules",
        ),
    }


@pytest.mark.parametrize(
    ("path", "text", "source"),
    [
        ("pyproject.toml", "[tool.ruff]\nline-length = 90\n", "pyproject.toml [tool.ruff]"),
        ("pyproject.toml", "[tool.ruff.lint]\nselect = []\n", "pyproject.toml [tool.ruff]"),
        ("ruff.toml", "", "ruff.toml"),
        ("requirements-dev.txt", "ruff==0.5\n", "requirements-dev.txt"),
        (".pre-commit-config.yaml", "hooks: [{id: ruff}]\n", ".pre-commit-config.yaml"),
        ("Makefile", "lint:\n\truff check .\n", "Makefile"),
    ],
)
def test_ruff_runs_with_the_projects_rules_when_it_is_the_projects_tool(path, text, source):
    found = commands({"a.py": "", path: text})
    assert found[CheckKind.LINT] == (("ruff", "check"), source)


def test_a_word_that_contains_ruff_is_not_ruff():
    found = commands({"a.py": "", "Makefile": "all:\n\techo scruffy ruff-like\n"})
    assert found[CheckKind.LINT][1] == "built in rules"


@pytest.mark.parametrize(
    ("contents", "source"),
    [
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\nminversion = '8'\n"},
            "pyproject.toml [tool.pytest.ini_options]",
        ),
        ({"pytest.ini": "[pytest]\n"}, "pytest.ini [pytest]"),
        ({"setup.cfg": "[tool:pytest]\n"}, "setup.cfg [tool:pytest]"),
        ({"tox.ini": "[tox]\n[pytest]\n"}, "tox.ini [pytest]"),
        ({"requirements.txt": "pytest\n"}, "requirements.txt"),
        ({"tests/conftest.py": ""}, "tests/conftest.py"),
        ({"tests/test_a.py": "def test_a(): ...\n"}, "tests/test_a.py"),
        ({"tests/test_a.py": UNITTEST, "tests/test_b.py": "import pytest\n"}, "tests/test_a.py"),
        ({"tests/test_a.py": UNITTEST, "pytest.ini": "[pytest]\n"}, "pytest.ini [pytest]"),
    ],
)
def test_pytest_runs_where_it_is_configured_or_tests_exist(contents, source):
    found = commands({"a.py": "", **contents})
    assert found[CheckKind.TESTS] == (("pytest",), source)


@pytest.mark.parametrize(
    ("contents", "argv"),
    [
        ({"tests/test_a.py": UNITTEST}, ("-s", "tests")),
        ({"tests/test_a.py": UNITTEST, "tests/__init__.py": ""}, ()),
        ({"test_a.py": UNITTEST}, ()),
    ],
)
def test_unittest_runs_where_it_is_all_there_is(contents, argv):
    found = commands({"a.py": "", **contents})
    assert found[CheckKind.TESTS][0] == ("python", "-m", "unittest", "discover", *argv)


@pytest.mark.parametrize(
    ("contents", "argv", "source"),
    [
        (
            {"a.js": "x", "package.json": '{"scripts": {"test": "vitest"}}'},
            ("npm", "test"),
            "package.json scripts.test",
        ),
        (
            {"a.ts": "x", "pnpm-lock.yaml": "", "package.json": '{"scripts": {"test": "jest"}}'},
            ("pnpm", "test"),
            "package.json scripts.test",
        ),
        ({"a.go": "x", "a_test.go": "x", "go.mod": "module a"}, ("go", "test", "./..."), "go.mod"),
        ({"src/lib.rs": "x", "Cargo.toml": ""}, ("cargo", "test"), "Cargo.toml"),
        ({"A.java": "x", "pom.xml": ""}, ("mvn", "--batch-mode", "test"), "pom.xml"),
        ({"A.kt": "x", "gradlew": ""}, ("./gradlew", "test"), "gradlew"),
        ({"a.rb": "x", "spec/a_spec.rb": ""}, ("bundle", "exec", "rspec"), "spec/"),
        ({"a.rb": "x", "Rakefile": ""}, ("bundle", "exec", "rake", "test"), "Rakefile"),
        (
            {"a.php": "x", "composer.json": '{"scripts": {"test": "phpunit"}}'},
            ("composer", "test"),
            "composer.json scripts.test",
        ),
        ({"a.c": "x", "Makefile": "tests: all\n"}, ("make", "tests"), "Makefile: tests"),
    ],
)
def test_other_ecosystems_bring_their_own(contents, argv, source):
    assert commands(contents)[CheckKind.TESTS] == (argv, source)


def test_npms_placeholder_is_no_test_command():
    script = (
        '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1", "lint": "eslint"}}'
    )
    found = commands({"a.js": "x", "package.json": script})
    assert CheckKind.TESTS not in found
    assert found[CheckKind.LINT] == (("npm", "run", "lint"), "package.json scripts.lint")


def test_the_ecosystem_with_most_code_comes_first():
    contents = {
        "package.json": '{"scripts": {"test": "jest", "lint": "x"}}',
        "pytest.ini": "[pytest]\n",
    }
    python = commands({**contents, "a.py": "x" * 50, "a.js": "x"})
    node = commands({**contents, "a.py": "x", "a.js": "x" * 50})
    assert python[CheckKind.TESTS][0] == ("pytest",)
    assert node[CheckKind.TESTS][0] == ("npm", "test")


def test_a_tree_without_code_has_no_commands():
    assert commands({"README.md": "# Hello\n"}) == {}
