"""What a type of workflow may change: where, and neither dependencies nor the form of what is there.

The guard refuses by it, the gates send a change back by it, and the editing tools tell the agent at
once. How large a change may be is in the change policy.
"""

import re
from collections.abc import Iterator

from mergewright.domain.changeset import Changeset
from mergewright.domain.workflow_policy import WorkflowPolicy
from mergewright.safety.diff_reading import read_diff
from mergewright.safety.policy import ChangePolicy, matches_file, matches_glob

DEPENDENCY_FILES = (
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements*.txt",
    "requirements/**",
    "constraints*.txt",
    "Pipfile",
    "environment.yml",
    "environment.yaml",
    "package.json",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lockb",
    "go.mod",
    "go.sum",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "gradle.lockfile",
    "Gemfile",
    "composer.json",
    "*.csproj",
    "packages.lock.json",
    "*.lock",
)
"""Globs of files that declare or lock what a project depends on."""
_INDENTED = (".py", ".pyi", ".pyx", ".yml", ".yaml", ".coffee", ".haml", ".slim", "Makefile")


def path_refusal(path: str, policy: WorkflowPolicy) -> str:
    """Say why a workflow may not change a path; empty when it may."""
    workflow = policy.workflow
    if not policy.dependency_changes:
        glob = next((glob for glob in DEPENDENCY_FILES if matches_glob(path, glob)), "")
        if glob:
            return f"{path!r} declares or locks dependencies, which a {workflow} leaves as they are"
    if policy.writable_paths and not any(matches_file(path, one) for one in policy.writable_paths):
        return f"{path!r} is not among what a {workflow} may change: {', '.join(policy.writable_paths)}"
    return ""


def narrowed(policy: ChangePolicy, workflow: WorkflowPolicy) -> ChangePolicy:
    """Return the limits of a change that hold in a workflow: of two, the smaller."""
    limits = {
        "max_files": min(policy.max_files, workflow.max_files or policy.max_files),
        "max_changed_lines": min(
            policy.max_changed_lines, workflow.max_changed_lines or policy.max_changed_lines
        ),
    }
    return policy.model_copy(update=limits)


def bound_violations(changeset: Changeset, policy: WorkflowPolicy) -> tuple[str, ...]:
    """Return every bound of its workflow that a change breaks, besides the change policy.

    Raises:
        ChangeRefused: The diff cannot be read.
    """
    files = read_diff(changeset.diff)
    touched = {file.path for file in changeset.files}
    touched |= {path for file in files for path in (file.path, file.old_path)}
    broken = [path_refusal(path, policy) for path in sorted(touched)]
    if not policy.refactoring:
        broken += _moved(changeset, policy.workflow)
        broken += _reformatted(changeset.diff, policy.workflow)
    return tuple(reason for reason in broken if reason)


def _moved(changeset: Changeset, workflow: str) -> Iterator[str]:
    for file in changeset.files:
        if file.status in {"renamed", "deleted"}:
            yield f"{file.path!r} is {file.status}, and a {workflow} renames and removes no file"


def _reformatted(diff: str, workflow: str) -> Iterator[str]:
    """Yield places where a change only moves spaces or line ends."""
    path = ""
    for header, block in _blocks(diff):
        if header:
            path = header[4:].strip().removeprefix("b/")
        elif _says_the_same(path, block):
            yield f"{path!r} is formatted anew at {block[0][1:].strip()!r}, which a {workflow} leaves"


def _blocks(diff: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each file's header, and each run of removed and added lines below it."""
    in_hunk = False
    run: list[str] = []
    for line in diff.split("\n"):
        in_hunk = line.startswith("@@") or (in_hunk and line[:1] in {"+", "-", " ", "\\"})
        if in_hunk and line[:1] in {"+", "-"}:
            run.append(line)
            continue
        if run:
            yield "", run
            run = []
        if not in_hunk and line.startswith("+++ "):
            yield line, []
    if run:
        yield "", run


def _says_the_same(path: str, block: list[str]) -> bool:
    """Whether lines say what they said; where indentation has a meaning, it may be changed."""
    removed, added = ([line[1:].strip() for line in block if line[0] == sign] for sign in "-+")
    if path.endswith(_INDENTED) and removed == added:
        return False
    squeezed = [re.sub(r"\s+", "", "".join(lines)) for lines in (removed, added)]
    return bool(squeezed[0]) and squeezed[0] == squeezed[1]
