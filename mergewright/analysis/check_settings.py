"""Which settings of checks a change touches: of linters, type checkers, coverage, test runners, hooks.

Many of them are files of their own, others are tables in a file that says much besides: there only
the table counts, as it is read and not as it is written.
"""

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from mergewright.analysis.manifests import mapping, parse_ini, parse_json, parse_toml, table

_FILES: Final = (
    "pytest.ini", ".pytest.ini", "tox.ini", "noxfile.py", ".coveragerc", "codecov.yml", ".codecov.yml",
    ".flake8", ".pylintrc", "pylintrc", "ruff.toml", ".ruff.toml", "mypy.ini", ".mypy.ini",
    "pyrightconfig.json", ".pre-commit-config.yaml", "lefthook.y*ml", ".lintstagedrc*",
    "jest.config.*", "vitest.config.*", "vitest.workspace.*", "karma.conf.*", ".mocharc*",
    "playwright.config.*", "cypress.config.*", "ava.config.*", ".nycrc*", ".c8rc*", ".eslintrc*",
    "eslint.config.*", ".stylelintrc*", "stylelint.config.*", "biome.json*", ".oxlintrc*",
    ".golangci.y*ml", ".golangci.toml", "clippy.toml", ".clippy.toml", "rustfmt.toml", ".rustfmt.toml",
    "nextest.toml", "tarpaulin.toml", ".rubocop*.yml", ".rspec", "phpunit*.xml*", "phpstan*.neon*",
    "checkstyle*.xml", "pmd*.xml", "spotbugs*.xml", "detekt*.yml", "sonar-project.properties",
    "tsconfig*.json", "Jenkinsfile", ".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml",
    "bitbucket-pipelines.yml", ".drone.yml",
)  # fmt: skip
_FOLDERS: Final = (".github/workflows/", ".github/actions/", ".circleci/", ".buildkite/", ".husky/", ".githooks/")  # fmt: skip
_SETUP: Final = (
    "conftest.py", "jest.setup.*", "vitest.setup.*", "setupTests.*", "test_helper.rb", "spec_helper.rb",
    "rails_helper.rb", "sitecustomize.py", "usercustomize.py", "pytest.py", "unittest.py", "*.pth",
)  # fmt: skip
_TOOLS: Final = (
    "pytest", "coverage", "ruff", "mypy", "pyright", "basedpyright", "black", "isort", "pylint", "flake8",
    "bandit", "tox", "nox", "interrogate", "importlinter", "ty", "pydocstyle", "vulture", "nextest",
)  # fmt: skip
_INI: Final = ("tool:pytest", "pytest", "flake8", "mypy*", "coverage:*", "pylint*", "isort", "pycodestyle*", "pydocstyle", "tox*", "bandit")  # fmt: skip
_SCRIPTS: Final = ("*test*", "*lint*", "*check*", "*coverage*", "prepare", "*hook*")
_PACKAGE: Final = (
    "jest", "vitest", "mocha", "ava", "nyc", "c8", "eslintConfig", "stylelint", "husky", "lint-staged",
    "simple-git-hooks", "xo", "standard",
)  # fmt: skip


def is_shared_setup(path: str) -> bool:
    """Say whether a file sets up what many tests share."""
    return _is_named(PurePosixPath(path).name, _SETUP)


def changed_settings(path: str, before: str, after: str) -> tuple[str, ...]:
    """Return which settings of checks a file says otherwise than before; empty for none.

    Args:
        path: The file.
        before: Its text on the base; empty where it is new.
        after: Its text on the change; empty where it is gone.
    """
    name = PurePosixPath(path).name
    if before == after:
        return ()
    if _is_named(name, _FILES) or path.startswith(_FOLDERS):
        return ("the file",)
    read = _READERS.get(name)
    if read is None:
        return ()
    old, new = read(before), read(after)
    return tuple(sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key)))


def _is_named(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _pyproject(text: str) -> Mapping[str, object]:
    tools = table(parse_toml(text), "tool")
    return {f"tool.{name}": tools[name] for name in _TOOLS if name in tools}


def _setup_cfg(text: str) -> Mapping[str, object]:
    parser = parse_ini(text)
    return {name: sorted(parser.items(name)) for name in parser.sections() if _is_named(name, _INI)}


def _package_json(text: str) -> Mapping[str, object]:
    document = parse_json(text)
    return dict(_entries(document))


def _entries(document: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name in _PACKAGE:
        if name in document:
            yield name, document[name]
    for name, script in mapping(document.get("scripts")).items():
        if _is_named(name, _SCRIPTS):
            yield f"scripts.{name}", script


def _cargo(text: str) -> Mapping[str, object]:
    document = parse_toml(text)
    found = {
        "lints": document.get("lints"),
        "workspace.lints": table(document, "workspace").get("lints"),
        "profile.test": table(document, "profile").get("test"),
    }
    return {name: value for name, value in found.items() if value is not None}


_READERS: Final[Mapping[str, Callable[[str], Mapping[str, object]]]] = MappingProxyType(
    {
        "pyproject.toml": _pyproject,
        "setup.cfg": _setup_cfg,
        "package.json": _package_json,
        "Cargo.toml": _cargo,
    }
)
