"""Code blocks of documents: whether they can be read, what of them can be run, and what came of it."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from mergewright.analysis.documentation_names import is_record
from mergewright.analysis.documentation_text import CodeBlock, DocumentText
from mergewright.analysis.syntax import syntax_findings
from mergewright.domain.documentation import DocumentationFault, DocumentationFinding

MAX_BLOCKS: Final = 400
"""So many blocks of a repository are run; the others are only read."""

_FILES: Final[Mapping[str, str]] = {
    "python": "block.py",
    "py": "block.py",
    "python3": "block.py",
    "json": "block.json",
    "toml": "block.toml",
    "yaml": "block.yaml",
    "yml": "block.yaml",
}
"""What a block is read as, by its language: those whose parsers complain about nothing that is right."""
_PYTHON: Final = frozenset(("python", "py", "python3", "pycon"))
_SHELL: Final = frozenset(("console", "shell-session", "sh-session", "terminal"))
_TEMPLATE: Final = re.compile(
    r"\{\{|\{%|<[a-z][\w -]*>|^\s*(?:\.\.\.|…|# \.\.\.)\s*,?\s*$", re.MULTILINE
)
_NOTEBOOK: Final = re.compile(r"^\s*[%!$]", re.MULTILINE)
_WAITS: Final = re.compile(r"outside (?:async )?function")
"""What Python says of `await` where a reader is to put it into a function."""
_PROMPT: Final = ">>>"
_STALE_ERRORS: Final = frozenset(
    ("ModuleNotFoundError", "ImportError", "AttributeError", "TypeError")
)


class RecordedCommand(NamedTuple):
    """A command of a document, with what the document says that it prints."""

    path: str
    line: int
    argv: tuple[str, ...]
    output: str


class RunnableBlock(NamedTuple):
    """A block of Python that may be run."""

    path: str
    line: int
    code: str


class BlockRun(NamedTuple):
    """What came of running a block."""

    path: str
    line: int
    error: str
    """Type of what it raised; empty when it ran to its end."""
    message: str
    origin: str
    """Module that what it lacks should be in; empty where that is not known."""


def block_faults(documents: Mapping[str, DocumentText]) -> Iterator[DocumentationFinding]:
    """Yield code blocks that their language's parser does not read.

    Blocks with places that the reader is to fill in are passed over, and so are those of documents
    that tell what was.

    Raises:
        ConfigError: The grammar of a known language does not load.
    """
    for path, document in _present(documents):
        for block in document.blocks:
            name = _FILES.get(block.language)
            if name is None or not block.is_checked or _is_sketch(block):
                continue
            found = next(iter(syntax_findings(name, _code(block))), None)
            if found is not None and not _WAITS.search(found.message):
                below = min(max(found.line - 1, 0), block.text.rstrip().count("\n"))
                yield _fault(path, block.line + below, block.text, found.message)


def runnable_blocks(documents: Mapping[str, DocumentText]) -> tuple[RunnableBlock, ...]:
    """Return the blocks of Python that their authors let be run, in the order of their documents."""
    found = [
        RunnableBlock(path, block.line, _code(block))
        for path, document in sorted(_present(documents))
        for block in document.blocks
        if block.language in _PYTHON and block.is_checked and not _is_sketch(block)
    ]
    return tuple(found[:MAX_BLOCKS])


def run_faults(
    runs: Iterable[BlockRun], blocks: Sequence[RunnableBlock], modules: frozenset[str]
) -> Iterator[DocumentationFinding]:
    """Yield the blocks that failed in a way that tells of code that is otherwise now.

    A name that the block takes from its reader, a service that is not there, a package of others:
    these say nothing about the document.

    Args:
        runs: What came of each block.
        blocks: The blocks.
        modules: Top-level modules of the repository's own.
    """
    codes = {(block.path, block.line): block.code for block in blocks}
    for run in runs:
        if run.error in _STALE_ERRORS and run.origin.partition(".")[0] in modules:
            code = codes.get((run.path, run.line), "")
            yield _fault(run.path, run.line, code, f"{run.error}: {run.message}"[:500])


def own_modules(paths: Iterable[str]) -> frozenset[str]:
    """Return the top-level modules of Python that a repository's own files make."""
    found = set()
    for path in paths:
        parts = path.removeprefix("src/").split("/")
        if path.endswith(".py") and parts[0].removesuffix(".py").isidentifier():
            found.add(parts[0].removesuffix(".py"))
    return frozenset(found)


def recorded_commands(
    documents: Mapping[str, DocumentText], declared: Iterable[Sequence[str]]
) -> Iterator[RecordedCommand]:
    """Yield the commands that documents show with their output, of those that may be run.

    Args:
        documents: By their paths.
        declared: The commands that the repository lets be run.
    """
    allowed = {tuple(argv) for argv in declared}
    for path, document in documents.items():
        for block in document.blocks:
            first, _, output = block.text.partition("\n")
            if block.language not in _SHELL or not first.startswith("$ "):
                continue
            try:
                argv = tuple(shlex.split(first[2:]))
            except ValueError:
                continue
            if argv in allowed and "\n$ " not in f"\n{output}":
                yield RecordedCommand(path, block.line, argv, output)


def help_faults(
    recorded: Iterable[RecordedCommand], printed: Mapping[tuple[str, ...], str]
) -> Iterator[DocumentationFinding]:
    """Yield commands that print something else than their document says."""
    for command in recorded:
        now = printed.get(command.argv)
        if now is not None and _trimmed(now) != _trimmed(command.output):
            yield DocumentationFinding(
                fault=DocumentationFault.CHANGED_HELP,
                path=command.path,
                line=command.line,
                subject=shlex.join(command.argv),
                message=f"`{shlex.join(command.argv)}` prints something else now:\n{_trimmed(now)}",
            )


def _present(documents: Mapping[str, DocumentText]) -> Iterator[tuple[str, DocumentText]]:
    return (item for item in documents.items() if not is_record(item[0]))


def _fault(path: str, line: int, code: str, message: str) -> DocumentationFinding:
    first = next((one.strip() for one in code.split("\n") if one.strip()), "")[:200]
    return DocumentationFinding(
        fault=DocumentationFault.BROKEN_BLOCK,
        path=path,
        line=line,
        subject=first,
        message=f"The code block that begins with `{first}` does not work: {message}",
    )


def _is_sketch(block: CodeBlock) -> bool:
    """Whether its reader is to fill something in, or it is made for a notebook."""
    is_python = block.language in _PYTHON
    text = block.text.replace(_PROMPT, "")
    return bool(_NOTEBOOK.search(text) if is_python else _TEMPLATE.search(text))


def _code(block: CodeBlock) -> str:
    """Return the code of a block, of a session with its prompts only what was typed."""
    lines = block.text.split("\n")
    if block.language in _PYTHON and any(line.startswith(_PROMPT) for line in lines):
        return "".join(
            f"{line[4:]}\n" if line.startswith((f"{_PROMPT} ", "... ")) else "\n" for line in lines
        )
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(indents, default=0)
    return "\n".join(line[margin:] for line in lines)


def _trimmed(output: str) -> str:
    return "\n".join(line.rstrip() for line in output.strip("\n").split("\n"))
