"""A project as the search for its commands sees it: its files and what they declare."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mergewright.analysis.manifests import (
    dependency_name,
    mapping,
    parse_ini,
    parse_json,
    parse_toml,
    table,
)
from mergewright.analysis.source_files import Sources
from mergewright.domain.codebase import Manifest

_CHECKING_FILES = (
    ".pre-commit-config.yaml",
    "tox.ini",
    "Makefile",
    "justfile",
    "noxfile.py",
)


@dataclass(frozen=True, slots=True)
class Project:
    """What the search for commands looks at."""

    sources: Sources
    manifests: Sequence[Manifest]

    @property
    def scripts(self) -> Mapping[str, object]:
        """The scripts of the root's `package.json`."""
        return mapping(parse_json(self.sources.text("package.json")).get("scripts"))

    @property
    def script_runner(self) -> str:
        """The program that runs them, by the lock file."""
        locks = (("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"))
        return next((program for lock, program in locks if lock in self.sources), "npm")

    def declaring(self, ecosystem: str, name: str) -> str:
        """Return the manifest that declares a dependency; empty when none does."""
        for manifest in self.manifests:
            if manifest.ecosystem == ecosystem and any(
                dependency_name(ecosystem, requirement) == name
                for requirement in manifest.dependencies
            ):
                return manifest.path
        return ""

    def pyproject_table(self, *path: str) -> Mapping[str, object]:
        """Return a table of the tools' part of `pyproject.toml`; empty where there is none."""
        return table(parse_toml(self.sources.text("pyproject.toml")), "tool", *path)

    def mentioning(self, words: re.Pattern[str]) -> str:
        """Return the file that says how the project is checked and mentions a tool; empty if none."""
        found = (path for path in _CHECKING_FILES if words.search(self.sources.text(path)))
        return next(found, "")

    def has_section(self, path: str, section: str) -> bool:
        """Say whether a file in INI form has a section."""
        return parse_ini(self.sources.text(path)).has_section(section)
