"""What an agent can do: look around, read, search, edit, and have the checks run.

Tools work on the run's worktree only. A mistake the model can mend (a wrong path, an edit that does
not match) is an answer to the model; anything else ends the work with a typed error.
"""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from langchain_core.tools import StructuredTool, ToolException
from pydantic import BaseModel, Field, model_validator

from mergewright.agents.repository_folder import RepositoryFolder
from mergewright.agents.searching import list_paths, search_text
from mergewright.agents.sent_replacements import with_replacements
from mergewright.clients.safe_parsing import find_faults
from mergewright.errors import EditConflict
from mergewright.patching.changes import apply_changes, paths_of, rewrite
from mergewright.patching.edits import Replacement, apply_replacements
from mergewright.patching.forms import parse_patch
from mergewright.patching.hunks import compare

MAX_LINES_READ = 600
MAX_LINE_CHARACTERS = 1_000
CONTEXT_LINES = 3
MAX_REGION_LINES = 80

Refusal = Callable[[str], str]
"""Says why a path may not be written; empty when it may."""


class AgentTool(StructuredTool):
    """A tool with what the journal needs to know of it."""

    mutating: bool = False
    """Whether it may change the worktree."""
    summarise: Callable[[Mapping[str, Any]], str]
    """Says in a few words what a call with these arguments does."""

    def _run(self, **arguments: Any) -> Any:  # type: ignore[override]  # noqa: ANN401 - LangChain passes what the signature names
        """Call the function without looking, as LangChain does each time, whether it wants a config."""
        return self.func(**arguments) if self.func else None


class ListFiles(BaseModel):
    """List files of the repository, sorted."""

    folder: str = Field(default="", description="Folder to list; empty for the whole repository")
    glob: str = Field(default="", description="Only paths that match, like `*.py` or `tests/*`")


class ReadFile(BaseModel):
    """Read a text file with line numbers; a tab separates the number from the line."""

    path: str = Field(description="Repository-relative path")
    first_line: int = Field(default=1, ge=1)
    last_line: int | None = Field(default=None, ge=1, description="Included; empty for the rest")


class Search(BaseModel):
    """Find lines that contain a text; answers `path:line: text`."""

    text: str = Field(min_length=1, max_length=200, description="What to look for, literally")
    glob: str = Field(default="", description="Only in paths that match, like `*.py`")
    regex: bool = Field(
        default=False,
        description="Read `text` as a simple Python regular expression: "
        "no repeated groups, no back-references, at most two of * + {}",
    )
    ignore_case: bool = False


class EditFile(BaseModel):
    """Replace text in a file: all replacements or none; each `old` must match in one place."""

    path: str = Field(description="Repository-relative path of a file that exists")
    replacements: list[Replacement] = Field(min_length=1, max_length=50)

    @model_validator(mode="before")
    @classmethod
    def _accept_other_names(cls, sent: object) -> object:
        return with_replacements(sent)


class CreateFile(BaseModel):
    """Create a text file, with its folders, or write a short one anew."""

    path: str = Field(description="Repository-relative path")
    content: str = Field(description="The whole text, with no line left out")
    overwrite: bool = Field(
        default=False, description="Write a short file anew that exists; else it is refused"
    )


class ApplyPatch(BaseModel):
    """Change several files at once with a patch: all of it applies or none does."""

    patch: str = Field(
        min_length=1,
        description="A unified diff, or `*** Begin Patch` ... `*** End Patch` with sections "
        "`*** Add File:`, `*** Update File:`, `*** Delete File:`; give three lines of context",
    )


class DeleteFile(BaseModel):
    """Delete a file."""

    path: str = Field(description="Repository-relative path")


class RunChecks(BaseModel):
    """Run the repository's checks (syntax, lint, tests) on the files as they are now."""


def reading_tools(folder: Path) -> list[AgentTool]:
    """Return the tools that look and change nothing."""
    repository = RepositoryFolder(folder)

    def list_files(folder: str = "", glob: str = "") -> str:
        return list_paths(repository, folder, glob)

    def read_file(path: str, first_line: int = 1, last_line: int | None = None) -> str:
        return _numbered(path, repository.read_text(path), first_line, last_line)

    def search(text: str, glob: str = "", regex: bool = False, ignore_case: bool = False) -> str:
        return search_text(repository, text, glob=glob, regex=regex, ignore_case=ignore_case)

    return [
        _tool("list_files", ListFiles, list_files, lambda a: f"list {a.get('folder') or 'files'}"),
        _tool("read_file", ReadFile, read_file, _describe_reading),
        _tool("search", Search, search, lambda a: f"search {a.get('text')!r}"),
    ]


def editing_tools(folder: Path, *, refusal: Refusal = lambda _: "") -> list[AgentTool]:
    """Return the tools that change files.

    Args:
        folder: The worktree.
        refusal: Says why a path may not be written; the model reads it.
    """
    repository = RepositoryFolder(folder)

    def admit(path: str) -> None:
        if reason := refusal(PurePosixPath(path.strip()).as_posix()):
            raise ToolException(f"{path!r} may not be changed: {reason}")

    def edit_file(path: str, replacements: list[Replacement]) -> str:
        admit(path)
        before = repository.read_text(path)
        after = apply_replacements(path, before, replacements)
        repository.write_text(path, after)
        return _outcome(path, before, after)

    def create_file(path: str, content: str, overwrite: bool = False) -> str:
        admit(path)
        return _created(repository, path, content, overwrite=overwrite)

    def delete_file(path: str) -> str:
        admit(path)
        repository.delete(path)
        return f"Deleted {path}."

    def apply_patch(patch: str) -> str:
        changes = parse_patch(patch)
        for path in paths_of(changes):
            admit(path)
        before = repository.read_existing(paths_of(changes))
        after = apply_changes(changes, before)
        repository.write_all(after)
        return "\n".join(_outcome(path, before.get(path, ""), after[path]) for path in after)

    return [
        _tool("edit_file", EditFile, edit_file, _describe_edit, mutating=True),
        _tool("apply_patch", ApplyPatch, apply_patch, _describe_patch, mutating=True),
        _tool("create_file", CreateFile, create_file, _naming("create"), mutating=True),
        _tool("delete_file", DeleteFile, delete_file, _naming("delete"), mutating=True),
    ]


def checking_tool(run: Callable[[], str]) -> AgentTool:
    """Return the tool that runs the checks.

    Args:
        run: Runs the checks on the worktree as it is and says in words how they came out.
    """
    return _tool("run_checks", RunChecks, run, lambda _: "run the checks")


def _created(repository: RepositoryFolder, path: str, content: str, *, overwrite: bool) -> str:
    if not repository.locate(path).exists():
        repository.write_text(path, content)
        return _outcome(path, "", content)
    if not overwrite:
        raise ToolException(f"{path!r} exists already; change it with edit_file.")
    before = repository.read_text(path)
    after = rewrite(path, before, content)
    repository.write_text(path, after)
    return _outcome(path, before, after)


def _tool(
    name: str,
    arguments: type[BaseModel],
    work: Callable[..., str],
    summarise: Callable[[Mapping[str, Any]], str],
    *,
    mutating: bool = False,
) -> AgentTool:
    return AgentTool(
        name=name,
        description=arguments.__doc__ or name,
        args_schema=arguments,
        func=work,
        mutating=mutating,
        summarise=summarise,
    )


def _naming(verb: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda arguments: f"{verb} {arguments.get('path')}"


def _describe_reading(arguments: Mapping[str, Any]) -> str:
    first, last = arguments.get("first_line") or 1, arguments.get("last_line")
    lines = "" if first == 1 and last is None else f" from line {first}"
    return f"read {arguments.get('path')}{lines}"


def _describe_edit(arguments: Mapping[str, Any]) -> str:
    replacements = arguments.get("replacements")
    count = len(replacements) if isinstance(replacements, list) else 0
    return f"edit {arguments.get('path')} ({count} place{'' if count == 1 else 's'})"


def _describe_patch(arguments: Mapping[str, Any]) -> str:
    try:
        first, *others = paths_of(parse_patch(str(arguments.get("patch"))))
    except EditConflict:
        return "apply a patch"
    more = f" and {len(others)} more" if others else ""
    return f"patch {first}{more}"


def _numbered(path: str, text: str, first: int, last: int | None) -> str:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if not lines:
        return f"{path} is empty."
    if first > len(lines):
        raise ToolException(f"{path!r} has {len(lines)} lines; there is no line {first}.")
    end = min(last or len(lines), len(lines), first + MAX_LINES_READ - 1)
    shown = [f"{number}\t{_clipped(lines[number - 1])}" for number in range(first, end + 1)]
    wanted = min(last or len(lines), len(lines))
    if end < wanted:
        shown.append(f"... lines {end + 1} to {wanted} are not shown; ask for them.")
    return "\n".join([f"{path}, lines {first} to {end} of {len(lines)}:", *shown])


def _clipped(line: str) -> str:
    line = line.removesuffix("\r")
    if len(line) <= MAX_LINE_CHARACTERS:
        return line
    return f"{line[:MAX_LINE_CHARACTERS]}... ({len(line)} characters)"


def _outcome(path: str, before: str, after: str | None) -> str:
    """Say what is there now."""
    if after is None:
        return f"Deleted {path}."
    if not before:
        lines = after.count("\n")
        return f"Created {path} with {lines} lines." + _new_findings(path, "", after)
    return _changed_regions(path, before, after) + _new_findings(path, before, after)


def _changed_regions(path: str, before: str, after: str) -> str:
    """Show what is there now, around every change."""
    old, new = before.split("\n"), after.split("\n")
    numbers: set[int] = set()
    for _, _, start, end in compare(old, new):
        numbers.update(range(start - CONTEXT_LINES, max(end, start + 1) + CONTEXT_LINES))
    shown = sorted(number for number in numbers if 0 <= number < len(new))
    lines = [f"{number + 1}\t{_clipped(new[number])}" for number in shown[:MAX_REGION_LINES]]
    if len(shown) > MAX_REGION_LINES:
        lines.append("... read the file to see the rest.")
    return "\n".join([f"Changed {path}; it now reads:", *lines])


def _new_findings(path: str, before: str, after: str) -> str:
    """Say what a parser complains about now and did not before."""
    known = [finding.identity for finding in find_faults(path, before)] if before else []
    fresh = [finding for finding in find_faults(path, after) if finding.identity not in known]
    if not fresh:
        return ""
    complaints = "\n".join(f"{path}:{finding.line}: {finding.message}" for finding in fresh[:10])
    return f"\nThe file no longer parses; mend it:\n{complaints}"
