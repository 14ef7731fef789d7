"""What documents show is done in the sandbox: their blocks of Python, their commands, their style."""

import json
import shutil
import time
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from mergewright.analysis.documentation_blocks import BlockRun, RecordedCommand, RunnableBlock
from mergewright.clients.check_commands import CheckPlace
from mergewright.clients.check_output import keep_end
from mergewright.domain.checks import CheckStatus

MAX_SECONDS = 600.0
"""So long the blocks of all documents may take together."""
MAX_REPORT_BYTES = 2_000_000
VALE_SETTINGS = ".vale.ini"

_NOT_FOUND = 127
_REPORT = TypeAdapter(list[tuple[int, str, str, str]])
_RUNNER = r"""
import contextlib, io, json, re, sys
asked, told = sys.argv[1:3]
with open(asked, encoding="utf-8") as file:
    blocks = json.load(file)
names, found = {"__name__": "__main__"}, []
def origin(error):
    if isinstance(error, ImportError):
        return error.name or ""
    if isinstance(error, AttributeError):
        owner = getattr(error, "obj", None)
        if isinstance(owner, type(sys)):
            return owner.__name__
        owner = owner if isinstance(owner, type) else type(owner)
        return getattr(owner, "__module__", "")
    called = re.match(r"(\w+)[\w.]*\(\) (?:got|missing|takes)", str(error))
    return getattr(names.get(called[1]), "__module__", "") if called else ""
for line, code in blocks:
    error = message = where = ""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(code, "block", "exec"), names)
    except SystemExit:
        pass
    except BaseException as fault:
        error, message, where = type(fault).__name__, str(fault)[:500], str(origin(fault))[:200]
    found.append([line, error, message, where])
    with open(told, "w", encoding="utf-8") as file:
        json.dump(found, file)
"""


class BlockRuns(NamedTuple):
    """What came of running blocks."""

    runs: tuple[BlockRun, ...]
    unseen: tuple[str, ...]
    """Documents whose blocks were not run to the end, and why."""


class StyleCheck(NamedTuple):
    """What the repository's own check says of the style of documents."""

    status: CheckStatus
    output: str = ""


def run_blocks(place: CheckPlace, blocks: Iterable[RunnableBlock]) -> BlockRuns:
    """Run blocks of Python, those of one document one after the other with the same names.

    Args:
        place: Where the repository's files are.
        blocks: In the order of their documents.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
    """
    runs: list[BlockRun] = []
    unseen: list[str] = []
    ends_at = time.monotonic() + MAX_SECONDS
    for path, group in groupby(blocks, key=attrgetter("path")):
        own = list(group)
        if time.monotonic() > ends_at:
            unseen.append(f"the code blocks of {path}: running took too long")
            continue
        came = _run_document(place, path, own)
        runs += came
        if len(came) < len(own):
            unseen.append(f"{len(own) - len(came)} of {len(own)} code blocks of {path}: not ended")
    return BlockRuns(tuple(runs), tuple(unseen))


def _run_document(place: CheckPlace, path: str, blocks: Sequence[RunnableBlock]) -> list[BlockRun]:
    asked, told = place.reports / "blocks.json", place.reports / "runs.json"
    asked.write_text(json.dumps([[block.line, block.code] for block in blocks]), encoding="utf-8")
    told.unlink(missing_ok=True)
    place.run([str(place.environment.python), "-c", _RUNNER, str(asked), str(told)])
    lines = {block.line for block in blocks}
    return [
        BlockRun(path, line, error[:100], place.tidy(message)[:500], origin)
        for line, error, message, origin in _report(told)
        if line in lines
    ]


def _report(path: Path) -> list[tuple[int, str, str, str]]:
    """Read what a runner wrote, which shares its process with the blocks: anything may be in it."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_REPORT_BYTES:
        return []
    try:
        return _REPORT.validate_json(path.read_bytes())
    except ValidationError:
        return []


def run_commands(
    place: CheckPlace, commands: Iterable[RecordedCommand]
) -> dict[tuple[str, ...], str]:
    """Run commands that documents show; return what each printed that is there to be run.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
    """
    printed: dict[tuple[str, ...], str] = {}
    for argv in dict.fromkeys(command.argv for command in commands):
        ran = place.run(_called(place, argv))
        if ran.exit_code != _NOT_FOUND and not ran.stopped:
            printed[argv] = place.tidy(ran.output)
    return printed


def check_style(place: CheckPlace, command: Sequence[str], documents: Sequence[str]) -> StyleCheck:
    """Check the style of documents by the repository's own command, else by vale if it is set up.

    Args:
        place: Where the repository's files are.
        command: The command, to which the documents' paths are added; empty takes vale.
        documents: Paths of the documents.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
    """
    argv = list(command)
    if not argv and (place.tree / VALE_SETTINGS).is_file() and shutil.which("vale"):
        argv = ["vale", "--output=line", "--no-wrap"]
    if not argv or not documents:
        return StyleCheck(CheckStatus.SKIPPED)
    ran = place.run([*_called(place, argv), *documents])
    if ran.exit_code == _NOT_FOUND or ran.stopped:
        return StyleCheck(CheckStatus.BROKEN, keep_end(place.tidy(ran.output)))
    status = CheckStatus.PASSED if ran.exit_code == 0 else CheckStatus.FAILED
    return StyleCheck(status, keep_end(place.tidy(ran.output)))


def _called(place: CheckPlace, argv: Sequence[str]) -> list[str]:
    """Name the program of the repository's own environment, where it has one of the name."""
    name = argv[0]
    if name in {"python", "python3"}:
        return [str(place.environment.python), *argv[1:]]
    own = place.environment.python.parent / name
    return [str(own) if "/" not in name and own.exists() else name, *argv[1:]]
