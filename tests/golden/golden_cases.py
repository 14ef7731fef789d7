"""Fixes of small packages, written down as cases: a base, a good change, and bad ones with their gates."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "cases"
SECRET = "ghp_" + "x7Kd92LmQpZr41TyUvNwBcEsGhJi0oAa1b2C"
"""Put together here, so that no scanner takes this file for one that holds a secret."""
BROKEN = {"python": "\ndef broken(:\n", "javascript": "\nfunction broken( {\n"}
WORKFLOW = ".github/workflows/ci.yml"

GENERIC = {
    "empty": ("nothing is changed", "Proof"),
    "source only": ("the fix without its tests", "Proof"),
    "tests only": ("the tests without the fix", "Tests"),
    "broken syntax": ("a file does not parse", "Syntax"),
    "CI edit": ("the tests are taken out of CI", "Change policy"),
}
"""Bad changes that are made of any good one: what they are, and the gate that stops them."""


@dataclass(frozen=True)
class Change:
    """A change of a case, and the gate that should stop it; empty for a good one."""

    name: str
    says: str
    stopped_by: str
    files: dict[str, str]


@dataclass(frozen=True)
class GoldenCase:
    """One case."""

    name: str
    title: str
    description: str
    language: str
    base: dict[str, str]
    changes: tuple[Change, ...]

    @property
    def rows(self):
        """The rows of the table of what must be accepted and what must be rejected."""
        return [
            f"| {self.name} | {change.name} | {change.says} |"
            f" {f'rejected by {change.stopped_by}' if change.stopped_by else 'accepted'} |"
            for change in self.changes
        ]


def load_cases():
    """Return all cases."""
    return [_load(path) for path in sorted(CASES.glob("*.toml"))]


def _load(path):
    told = tomllib.loads(path.read_text("utf-8"))
    base = {name: text.lstrip("\n") for name, text in told["base"].items()}
    base[WORKFLOW] = "on: push\njobs: {tests: {steps: [{run: the tests}]}}\n"
    given = told["changes"]
    changes = [
        Change(
            name,
            one["says"],
            one.get("stopped_by", ""),
            _edited(
                _edited(base, given[one["from"]]["edits"]) if "from" in one else base, one["edits"]
            ),
        )
        for name, one in given.items()
    ]
    language = told["language"]
    changes += [
        Change(name, *GENERIC[name], _generic(name, language, base, changes[0].files))
        for name in told["generic"]
    ]
    return GoldenCase(path.stem, told["title"], told["description"], language, base, tuple(changes))


def _edited(files, edits):
    files = dict(files)
    for edit in edits:
        text, old = files[edit["path"]], edit["old"]
        assert text.count(old) == 1, (edit["path"], old, text.count(old))
        files[edit["path"]] = text.replace(old, edit["new"].replace("{secret}", SECRET))
    return files


def _generic(name, language, base, good):
    tests = {path for path in good if path.startswith("test")}
    source = next(path for path in good if good[path] != base.get(path) and path not in tests)
    if name == "empty":
        return base
    if name == "source only":
        return {path: base[path] if path in tests else text for path, text in good.items()}
    if name == "tests only":
        return {path: text if path in tests else base[path] for path, text in good.items()}
    if name == "broken syntax":
        return {**good, source: good[source] + BROKEN[language]}
    return {**good, WORKFLOW: "on: push\njobs: {}\n"}
