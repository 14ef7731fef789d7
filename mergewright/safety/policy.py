"""What a change may touch and how large it may be, decided without a model."""

from collections.abc import Iterator
from functools import cache

from pydantic import Field

from mergewright.domain.changeset import Changeset
from mergewright.domain.objections import Rule, Treatment
from mergewright.domain.path_patterns import ANY_FOLDERS, fits
from mergewright.domain.value import Value
from mergewright.safety.diff_reading import FileDiff, read_diff

DEFAULT_PROTECTED_PATHS = (
    ".github/workflows/**",
    ".github/actions/**",
    ".github/copilot-instructions.md",
    ".gitlab-ci.yml",
    ".gitlab/**",
    ".circleci/**",
    ".buildkite/**",
    ".woodpecker/**",
    ".woodpecker.yml",
    ".travis.yml",
    ".drone.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    ".pre-commit-config.yaml",
    ".husky/**",
    ".githooks/**",
    ".gitmodules",
    ".gitattributes",
    ".gitconfig",
    ".lfsconfig",
    ".mergewright.yml",
    "CLAUDE.md",
    "AGENTS.md",
    ".claude/**",
    ".cursor/**",
    ".cursorrules",
    "CODEOWNERS",
    ".coveragerc",
    ".codecov.yml",
    "codecov.yml",
    ".flake8",
    ".pylintrc",
    "ruff.toml",
    ".ruff.toml",
    "mypy.ini",
    ".mypy.ini",
    "pyrightconfig.json",
    ".eslintrc*",
    "eslint.config.*",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".env",
    ".devcontainer/**",
    ".vscode/**",
)


class ChangePolicy(Value):
    """The limits of a change."""

    protected_paths: tuple[str, ...] = DEFAULT_PROTECTED_PATHS
    """Globs of files and folders that no change may touch. A glob without a slash means that name
    in every folder; `**` stands for any folders."""
    max_files: int = Field(default=30, ge=1)
    """Files that a change may touch."""
    max_changed_lines: int = Field(default=1500, ge=1)
    """Lines that a change may add and delete, taken together."""
    max_file_bytes: int = Field(default=1_000_000, ge=1)
    """Bytes that a change may add to one file."""
    allow_binary_files: bool = False
    """Let a change add or alter files that can be neither reviewed nor scanned."""
    allow_links: bool = False
    """Let a change add symbolic links and submodules."""
    objections: dict[Rule, Treatment] = Field(default_factory=dict)
    """What becomes of weakened tests, changed settings of checks and new packages, by rule: allow,
    warn, ask (the gate fails unless a person approves by name) or refuse. What is not named is asked
    about, and a new package is told."""
    known_packages: tuple[str, ...] = ()
    """Packages that a change may add without a word, as `python:requests`."""
    licence_header: str = ""
    """Words that the first lines of new files must hold; empty asks for none."""
    licence_paths: tuple[str, ...] = ()
    """Globs of the files that it is asked of; empty is source code."""


def violations(changeset: Changeset, policy: ChangePolicy) -> tuple[str, ...]:
    """Return every rule of the policy that a change breaks, with path, number and limit.

    Raises:
        ChangeRefused: The diff cannot be read.
    """
    files = read_diff(changeset.diff)
    return (
        *_size_violations(changeset, policy),
        *_path_violations(changeset, files, policy),
        *(broken for file in files for broken in _file_violations(file, policy)),
    )


def matches_glob(path: str, glob: str) -> bool:
    """Return whether a glob of a policy stands for a path or a folder above it, in any case."""
    parts = _glob_parts(glob)
    return bool(parts) and fits(path.lower(), parts)


def matches_file(path: str, glob: str) -> bool:
    """Return whether a glob stands for a file itself, in any case: not for one below a folder of the name."""
    parts = _glob_parts(glob)
    own = parts if glob.strip().endswith(("/", ANY_FOLDERS)) else parts[:-1]
    return bool(own) and fits(path.lower(), own)


def _size_violations(changeset: Changeset, policy: ChangePolicy) -> Iterator[str]:
    files = len(changeset.files)
    if files > policy.max_files:
        yield f"{files} files are changed, and max_files is {policy.max_files}"
    lines = changeset.changed_lines
    if lines > policy.max_changed_lines:
        yield f"{lines} lines are changed, and max_changed_lines is {policy.max_changed_lines}"


def _path_violations(
    changeset: Changeset, files: tuple[FileDiff, ...], policy: ChangePolicy
) -> Iterator[str]:
    touched = {file.path for file in changeset.files}
    # A renamed file's old path is in the diff only.
    touched |= {path for file in files for path in (file.path, file.old_path)}
    for path in sorted(touched):
        glob = next((glob for glob in policy.protected_paths if matches_glob(path, glob)), None)
        if glob is not None:
            yield f"{path!r} is changed, and protected_paths has {glob!r}"


def _file_violations(file: FileDiff, policy: ChangePolicy) -> Iterator[str]:
    if file.is_deleted:
        return
    if file.is_binary and not policy.allow_binary_files:
        yield f"{file.path!r} is a binary file, and allow_binary_files is off"
    if file.is_link and not policy.allow_links:
        yield f"{file.path!r} is a symbolic link or submodule, and allow_links is off"
    if file.added_bytes > policy.max_file_bytes:
        yield (
            f"{file.path!r} grows by {file.added_bytes} bytes, "
            f"and max_file_bytes is {policy.max_file_bytes}"
        )


@cache
def _glob_parts(glob: str) -> tuple[str, ...]:
    """Split a glob into folders; whatever lies below a match matches too."""
    parts = [part for part in glob.strip().lower().split("/") if part not in {"", "."}]
    anywhere = [ANY_FOLDERS] if "/" not in glob.strip().strip("/") else []
    return (*anywhere, *parts, ANY_FOLDERS) if parts else ()
