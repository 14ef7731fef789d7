"""What a Python repository asks to be installed before its tests can run."""

import configparser
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mergewright.domain.codebase import Codebase

TEST_WORDS = frozenset({"ci", "dev", "develop", "development", "qa", "test", "testing", "tests"})
PROVIDED = frozenset({"pytest", "ruff"})
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Installation:
    """What is handed to the installer."""

    requirements: tuple[str, ...]
    files: tuple[str, ...]
    """Requirement files, relative to the repository."""
    project: bool
    """Whether the repository itself is installed."""
    extras: tuple[str, ...] = ()

    def arguments(self, source: Path) -> list[str]:
        """Return the installer's arguments for the repository's files in a folder."""
        files = [word for file in self.files for word in ("-r", str(source / file))]
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        project = [f"{source}{extras}"] if self.project else []
        return [*self.requirements, *files, *project]


def needs_installation(codebase: Codebase) -> bool:
    """Tell whether a Python manifest declares more than what is there without installing."""
    declared = (
        requirement
        for manifest in codebase.manifests
        if manifest.ecosystem == "python"
        for requirement in manifest.dependencies
    )
    return any(_name_of(requirement) not in PROVIDED for requirement in declared)


def python_manifests(codebase: Codebase) -> tuple[str, ...]:
    """Return the paths of the manifests that decide what is installed."""
    paths = (item.path for item in codebase.manifests if item.ecosystem == "python")
    return tuple(sorted({*paths, "pyproject.toml", "setup.py", "setup.cfg"}))


def plan_installation(manifests: Mapping[str, str]) -> Installation:
    """Choose what to install: the project, its test extras and groups, its requirement files.

    Args:
        manifests: Text of each manifest by path; a path that does not exist is left out.
    """
    pyproject = _toml(manifests.get("pyproject.toml", ""))
    setup = _ini(manifests.get("setup.cfg", ""))
    project: dict[str, Any] = pyproject.get("project", {})
    is_package = (
        "build-system" in pyproject
        or "setup.py" in manifests
        or setup.has_option("metadata", "name")
    )
    extras = [*project.get("optional-dependencies", {})]
    if setup.has_section("options.extras_require"):
        extras += setup.options("options.extras_require")
    chosen = [name for name in dict.fromkeys(extras) if _is_for_tests(name)]
    requirements = ["pytest", *_grouped(pyproject), *_poetry_names(pyproject)]
    if not is_package:
        requirements += project.get("dependencies", [])
        optional = project.get("optional-dependencies", {})
        requirements += [item for name in chosen for item in optional.get(name, [])]
    return Installation(
        requirements=tuple(dict.fromkeys(requirements)),
        files=tuple(path for path in sorted(manifests) if _is_requirements_file(path)),
        project=is_package,
        extras=tuple(chosen),
    )


def _name_of(requirement: str) -> str:
    match = _NAME.match(requirement.strip())
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else requirement


def _is_for_tests(name: str) -> bool:
    return bool(TEST_WORDS & set(re.split(r"[-_.]", name.lower())))


def _is_requirements_file(path: str) -> bool:
    place = PurePosixPath(path)
    if place.suffix != ".txt" or str(place.parent) not in {".", "requirements"}:
        return False
    return path == "requirements.txt" or _is_for_tests(place.stem)


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _ini(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.ConfigParser()
    return parser


def _grouped(pyproject: Mapping[str, Any]) -> Iterable[str]:
    groups: dict[str, list[str | dict[str, str]]] = pyproject.get("dependency-groups", {})
    waiting = [name for name in groups if _is_for_tests(name)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        for item in groups.get(name, []):
            if isinstance(item, str):
                yield item
            elif "include-group" in item:
                waiting.append(item["include-group"])
    yield from pyproject.get("tool", {}).get("uv", {}).get("dev-dependencies", [])


def _poetry_names(pyproject: Mapping[str, Any]) -> Iterable[str]:
    """Yield names only: Poetry writes versions in a form of its own."""
    poetry = pyproject.get("tool", {}).get("poetry", {})
    groups = {
        "dev": {"dependencies": poetry.get("dev-dependencies", {})},
        **poetry.get("group", {}),
    }
    for name, group in groups.items():
        if _is_for_tests(name):
            yield from (item for item in group.get("dependencies", {}) if item != "python")
