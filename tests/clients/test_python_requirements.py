from pathlib import Path

import pytest

from mergewright.clients.python_requirements import (
    needs_installation,
    plan_installation,
    python_manifests,
)
from mergewright.domain.codebase import Codebase, Manifest


def codebase(*dependencies, ecosystem="python", path="pyproject.toml"):
    manifest = Manifest(path=path, ecosystem=ecosystem, dependencies=dependencies)
    return Codebase(commit="c", file_count=1, manifests=(manifest,))


@pytest.mark.parametrize(
    ("dependencies", "needed"),
    [
        ((), False),
        (("pytest>=8", "Ruff"), False),
        (("pytest", "httpx>=0.27; python_version > '3.9'"), True),
        (("pytest-cov",), True),
        (("./libs/thing",), True),
    ],
)
def test_only_more_than_runner_and_linter_needs_an_installation(dependencies, needed):
    assert needs_installation(codebase(*dependencies)) is needed


def test_other_ecosystems_ask_for_nothing_here():
    assert not needs_installation(codebase("react", ecosystem="node", path="package.json"))


def test_the_files_that_decide_are_the_manifests_and_those_of_the_project():
    assert python_manifests(codebase("a", path="requirements/test.txt")) == (
        "pyproject.toml",
        "requirements/test.txt",
        "setup.cfg",
        "setup.py",
    )


def test_a_package_is_installed_with_its_extras_for_tests():
    plan = plan_installation(
        {
            "pyproject.toml": """
                [build-system]
                requires = ["hatchling"]
                [project]
                name = "thing"
                dependencies = ["httpx"]
                [project.optional-dependencies]
                docs = ["mkdocs"]
                test = ["respx"]
                [dependency-groups]
                dev = ["hypothesis", {include-group = "lint"}]
                lint = ["mypy"]
                docs = ["sphinx"]
            """
        }
    )
    assert plan.arguments(Path("/s")) == ["pytest", "hypothesis", "mypy", "/s[test]"]


def test_a_project_that_builds_nothing_is_not_installed_but_what_it_needs():
    plan = plan_installation(
        {
            "pyproject.toml": """
                [project]
                name = "app"
                dependencies = ["httpx>=0.27"]
                [project.optional-dependencies]
                dev = ["respx"]
                [tool.uv]
                dev-dependencies = ["anyio"]
            """
        }
    )
    assert plan.arguments(Path("/s")) == ["pytest", "anyio", "httpx>=0.27", "respx"]


def test_requirement_files_for_tests_are_used_and_others_are_not():
    names = (
        "requirements.txt",
        "requirements-dev.txt",
        "test_requirements.txt",
        "requirements/ci.txt",
        "requirements/docs.txt",
        "docs/requirements.txt",
        "requirements-prod.txt",
    )
    assert plan_installation(dict.fromkeys(names, "x")).files == (
        "requirements-dev.txt",
        "requirements.txt",
        "requirements/ci.txt",
        "test_requirements.txt",
    )


def test_setup_cfg_and_poetry_are_read():
    setup = "[metadata]\nname = thing\n[options.extras_require]\ntests = respx\ndocs = sphinx\n"
    plan = plan_installation({"setup.cfg": setup})
    assert plan.arguments(Path("/s")) == ["pytest", "/s[tests]"]
    poetry = """
        [build-system]
        requires = ["poetry-core"]
        [tool.poetry]
        name = "thing"
        [tool.poetry.group.test.dependencies]
        python = "^3.11"
        respx = "^0.20"
    """
    plan = plan_installation({"pyproject.toml": poetry})
    assert plan.arguments(Path("/s")) == ["pytest", "respx", "/s"]


@pytest.mark.parametrize("broken", ["[project", "= 1"])
def test_broken_manifests_leave_the_runner(broken):
    plan = plan_installation({"pyproject.toml": broken, "setup.cfg": broken})
    assert plan.arguments(Path("/s")) == ["pytest"]
