"""The child's side of a `ParserProcess`: what it is asked, what it answers, and what ends it.

Three things end it, and the kernel sees to two of them whatever the parser is doing: a timer of
processor time, which counts for one question alone, and a pipe on which nobody writes, which ends it
when its parent is gone. The third is the end of the questions.

Source: setitimer(2) (ITIMER_PROF), fcntl(2) (O_ASYNC, F_SETOWN), pipe(7), read 2026-11-20.
"""

import fcntl
import gc
import json
import os
import select
import signal
import struct
import traceback
from enum import IntEnum
from typing import IO, Final, NamedTuple, NoReturn

from mergewright.analysis.blob_facts import encode
from mergewright.analysis.extraction import read_blob
from mergewright.analysis.syntax import syntax_findings
from mergewright.analysis.tree_cases import read_cases
from mergewright.errors import ConfigError

QUESTION: Final = struct.Struct("<BHI")
"""Head of a question: its kind, and the bytes of its subject and of the content, which follow it."""
ANSWER: Final = struct.Struct("<BI")
"""Head of an answer: its kind, and the bytes that follow."""

_BYTES_PER_COLLECTION: Final = 500_000


class QuestionKind(IntEnum):
    """What is asked about a file."""

    FACTS = 0
    """What there is to know of a blob; the subject is its language."""
    SYNTAX = 1
    """What a parser complains about; the subject is the path."""
    CASES = 2
    """The tests of a file; the subject is the path."""


class AnswerKind(IntEnum):
    """What an answer holds."""

    RESULT = 0
    """What was asked for: the stored form of a blob's facts, or findings as JSON."""
    CONFIG_ERROR = 1
    """Message and hint, as JSON."""
    FAULT = 2
    """The traceback of an error that nobody expected."""


class Channel(NamedTuple):
    """The ends of pipes that a child has."""

    questions: int
    answers: int
    lifeline: int
    """Nobody writes to it; it hangs up when the parent is gone."""


def serve(channel: Channel, cpu_seconds: float) -> None:
    """Answer questions until there are no more.

    Args:
        channel: Where they come from.
        cpu_seconds: Processor time that one may take.
    """
    for name in (signal.SIGPROF, signal.SIGIO, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
    # Ctrl-C reaches all processes of a terminal: the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent(channel.lifeline)
    # It would go through a file's nodes again and again, a sixth of the work. Trees do hang in
    # cycles: they are let go of between files.
    gc.disable()
    gc.freeze()
    held_bytes = 0
    with os.fdopen(channel.questions, "rb") as questions, os.fdopen(channel.answers, "wb") as out:
        while head := questions.read(QUESTION.size):
            asked, subject_bytes, content_bytes = QUESTION.unpack(head)
            subject = questions.read(subject_bytes).decode()
            content = questions.read(content_bytes)
            signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
            kind, body = _answer(QuestionKind(asked), subject, content)
            signal.setitimer(signal.ITIMER_PROF, 0)
            _write(out, kind, body)
            held_bytes += content_bytes
            if held_bytes > _BYTES_PER_COLLECTION:
                gc.collect(0)
                held_bytes = 0


def serve_and_exit(channel: Channel, cpu_seconds: float) -> NoReturn:
    """Serve in a forked child, which has nothing of its own to clean up."""
    try:
        serve(channel, cpu_seconds)
    finally:
        os._exit(0)


def _die_with_parent(lifeline: int) -> None:
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    # A parent that was gone before says nothing any more.
    if select.select([lifeline], [], [], 0)[0]:
        os._exit(0)


def _answer(asked: QuestionKind, subject: str, content: bytes) -> tuple[AnswerKind, bytes]:
    try:
        if asked is QuestionKind.SYNTAX:
            found = syntax_findings(subject, content.decode())
            return AnswerKind.RESULT, json.dumps([each.model_dump() for each in found]).encode()
        if asked is QuestionKind.CASES:
            return AnswerKind.RESULT, read_cases(subject, content).model_dump_json().encode()
        return AnswerKind.RESULT, encode(*read_blob(subject, content))
    except ConfigError as error:
        return AnswerKind.CONFIG_ERROR, json.dumps([error.message, error.hint]).encode()
    except Exception:  # noqa: BLE001 - whatever it is, the parent raises it
        return AnswerKind.FAULT, traceback.format_exc().encode(errors="replace")


def _write(out: IO[bytes], kind: AnswerKind, body: bytes) -> None:
    out.write(ANSWER.pack(kind, len(body)))
    out.write(body)
    out.flush()
