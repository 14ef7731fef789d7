import pytest

from mergewright.analysis.check_commands import find_commands
from mergewright.analysis.manifests import find_manifests
from mergewright.analysis.survey import find_languages
from mergewright.domain.codebase import CheckKind
from tests.analysis.trees import sources

RUFF_FORMAT = ("ruff", "format", "--check", ".")


def style(contents):
    tree = sources(contents)
    found = find_commands(tree, find_manifests(tree), find_languages(tree))
    return {
        command.kind: (command.argv, command.source)
        for command in found
        if command.kind in {CheckKind.FORMAT, CheckKind.TYPES}
    }


@pytest.mark.parametrize(
    ("contents", "argv", "source"),
    [
        (
            {"pyproject.toml": "[tool.ruff.format]\nquote-style = 'single'\n"},
            RUFF_FORMAT,
            "pyproject.toml [tool.ruff.format]",
        ),
        ({"Makefile": "check:\n\truff format --check\n"}, RUFF_FORMAT, "Makefile"),
        (
            {".pre-commit-config.yaml": "- id: ruff-format\n"},
            RUFF_FORMAT,
            ".pre-commit-config.yaml",
        ),
        (
            {"pyproject.toml": "[tool.black]\nline-length = 100\n"},
            ("black", "--check", "."),
            "pyproject.toml [tool.black]",
        ),
        ({"requirements-dev.txt": "black\n"}, ("black", "--check", "."), "requirements-dev.txt"),
    ],
)
def test_python_is_formatted_as_its_files_say(contents, argv, source):
    assert style({"a.py": "x = 1\n", **contents}) == {CheckKind.FORMAT: (argv, source)}


@pytest.mark.parametrize(
    ("contents", "argv", "source"),
    [
        (
            {"pyproject.toml": "[tool.mypy]\nfiles = ['a']\n"},
            ("mypy",),
            "pyproject.toml [tool.mypy]",
        ),
        (
            {"pyproject.toml": "[tool.mypy]\nstrict = true\n"},
            ("mypy", "."),
            "pyproject.toml [tool.mypy]",
        ),
        ({"mypy.ini": "[mypy]\npackages = a\n"}, ("mypy",), "mypy.ini [mypy]"),
        ({"setup.cfg": "[mypy]\nstrict = true\n"}, ("mypy", "."), "setup.cfg [mypy]"),
    ],
)
def test_python_is_typed_as_its_files_say(contents, argv, source):
    assert style({"a.py": "x = 1\n", **contents}) == {CheckKind.TYPES: (argv, source)}


def test_without_a_word_about_it_there_is_no_such_check():
    contents = {"a.py": "x = 1\n", "pyproject.toml": "[tool.ruff]\nline-length = 100\n"}
    assert style(contents) == {}


def test_node_uses_its_scripts_before_its_tools():
    tools = '"prettier": "3", "typescript": "5"'
    scripts = '"scripts": {"format:check": "x", "typecheck": "y"}'
    package = f'{{{scripts}, "devDependencies": {{{tools}}}}}'
    files = {"a.ts": "let x = 1;\n", "tsconfig.json": "{}", ".prettierrc": "{}"}
    assert style({**files, "package.json": package, "yarn.lock": ""}) == {
        CheckKind.FORMAT: (("yarn", "run", "format:check"), "package.json scripts.format:check"),
        CheckKind.TYPES: (("yarn", "run", "typecheck"), "package.json scripts.typecheck"),
    }
    bare = f'{{"devDependencies": {{{tools}}}}}'
    assert style({**files, "package.json": bare}) == {
        CheckKind.FORMAT: (("npx", "--no-install", "prettier", "--check", "."), ".prettierrc"),
        CheckKind.TYPES: (("npx", "--no-install", "tsc", "--noEmit"), "tsconfig.json"),
    }


def test_go_and_rust_have_formatters_of_their_own():
    go = {"a.go": "package a\n", "go.mod": "module a\n"}
    assert style(go) == {CheckKind.FORMAT: (("gofmt", "-l", "."), "go.mod")}
    rust = {"a.rs": "fn a() {}\n", "Cargo.toml": "[package]\n"}
    assert style(rust) == {}
    configured = style({**rust, "rustfmt.toml": ""})
    assert configured == {CheckKind.FORMAT: (("cargo", "fmt", "--check"), "rustfmt.toml")}
