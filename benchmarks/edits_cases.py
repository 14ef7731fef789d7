"""Real edits from git histories: one file before and after one commit."""

import json
import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from mergewright.patching.hunks import HunkLine

DATA: Final = Path(__file__).with_name("edits.json")
EXTENSIONS: Final = frozenset(
    {".py", ".pyi", ".js", ".mjs", ".ts", ".tsx", ".go", ".java", ".rs", ".rb", ".c", ".h"}
    | {".css", ".md", ".rst", ".toml", ".yml"}
)
MAX_CHANGED_LINES: Final = 150
MAX_FILE_LINES: Final = 3_000
MAX_FILES: Final = 12


class Case(NamedTuple):
    """One file of one commit."""

    repository: str
    commit: str
    path: str
    before: str
    after: str
    lines: tuple[HunkLine, ...]
    """The whole file as git tells the change: kept, removed and added lines."""


def load_cases(part: str, repositories: Mapping[str, Path]) -> Iterator[Case]:
    """Yield the listed edits of a part, as far as their repositories are there."""
    listed = json.loads(DATA.read_text())[part]
    for name, edits in listed.items():
        folder = repositories.get(name)
        for commit, path in edits if folder else ():
            case = _read(name, folder, commit, path)
            if case is None:
                raise SystemExit(f"{folder} does not have {commit}: is it {name}, and whole?")
            yield case


def choose_edits(name: str, folder: Path, *, count: int, seed: int) -> list[tuple[str, str]]:
    """Return commits and paths: modified text files, of small commits, in a random order."""
    commits = _git(folder, "rev-list", "--no-merges", "--max-count=6000", "HEAD").split()
    generator = random.Random(f"{seed} {name}")  # noqa: S311 - a sample, not a secret
    generator.shuffle(commits)
    chosen: list[tuple[str, str]] = []
    for commit in commits:
        paths = _modified(folder, commit)
        generator.shuffle(paths)
        for path in paths:
            case = _read(name, folder, commit, path)
            if case is not None and _fits(case) and path not in {known for _, known in chosen}:
                chosen.append((commit, path))
                break
        if len(chosen) == count:
            break
    return sorted(chosen)


def _modified(folder: Path, commit: str) -> list[str]:
    lines = _git(
        folder, "diff-tree", "-r", "--no-commit-id", "--numstat", "--diff-filter=M", commit
    )
    rows = [line.split("\t") for line in lines.splitlines()]
    if not 0 < len(rows) <= MAX_FILES:
        return []
    return [
        path
        for added, removed, path in rows
        if PurePosixPath(path).suffix in EXTENSIONS
        and added.isdigit()
        and 0 < int(added) + int(removed) <= MAX_CHANGED_LINES
    ]


def _fits(case: Case) -> bool:
    return all(
        text.endswith("\n") and "\r" not in text and text.count("\n") <= MAX_FILE_LINES
        for text in (case.before, case.after)
    )


def _read(name: str, folder: Path, commit: str, path: str) -> Case | None:
    texts = []
    for revision in (f"{commit}^", commit):
        done = subprocess.run(
            ["git", "-C", str(folder), "cat-file", "blob", f"{revision}:{path}"],
            capture_output=True,
            check=False,
        )
        try:
            texts.append(done.stdout.decode())
        except UnicodeDecodeError:
            return None
        if done.returncode:
            return None
    return Case(name, commit, path, *texts, _compare(folder, commit, path))


def _compare(folder: Path, commit: str, path: str) -> tuple[HunkLine, ...]:
    text = _git(folder, "diff", "-U1000000", "--no-ext-diff", f"{commit}^", commit, "--", path)
    _, found, body = text.partition("\n@@ ")
    lines = body.partition("\n")[2].removesuffix("\n").split("\n") if found else []
    return tuple(HunkLine(line[0], line[1:]) for line in lines if line and line[0] in " -+")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sample(cases: Sequence[Case], count: int | None) -> Sequence[Case]:
    """Return the first edits of each repository, in turns."""
    if count is None or len(cases) <= count:
        return cases
    step = len(cases) / count
    return [cases[int(index * step)] for index in range(count)]
