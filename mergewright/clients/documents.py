"""Markdown files with front matter: read with line numbers, written whole or not at all.

The embedded services keep their records as such files, so that a person can read and edit them.
"""

import errno
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from mergewright.clients.locks import file_lock
from mergewright.errors import (
    AccessDenied,
    NotFound,
    Rejected,
    ServiceError,
    ServiceUnavailable,
    StoreFailed,
)

MAX_FILE_BYTES = 256 * 1024
MAX_HEADER_CHARACTERS = 16 * 1024

_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(?P<header>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_PLAIN = re.compile(r"[a-z]+(?: [a-z]+)*")
_LOCK_SECONDS = 30
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_WRONG_SHAPE = frozenset({errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG})


@dataclass(frozen=True, slots=True)
class Document:
    """A file's front matter and body, with the places that errors and edits need."""

    path: Path
    text: str
    fields: Mapping[str, object]
    lines: Mapping[str, int]
    header_end: int
    body_start: int

    @property
    def body(self) -> str:
        """Everything below the front matter, with plain line ends."""
        return self.text[self.body_start :].replace("\r\n", "\n")

    @property
    def newline(self) -> str:
        """The line end that the file uses."""
        return "\r\n" if "\r\n" in self.text[: self.header_end] else "\n"

    def line(self, field: str) -> int:
        """Return the line of a field, counted from 1; the first line when it is not there."""
        return self.lines.get(field, 1)


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def rejected(path: Path, line: int, reason: str, *, hint: str = "") -> Rejected:
    """Build the error for a file that cannot be used as it is."""
    return Rejected(f"{str(path)!r}, line {line}: {reason}.", hint=hint)


def read_text(path: Path, *, hint: str = "") -> str:
    """Read a small UTF-8 text file, line ends untouched.

    Raises:
        NotFound: There is no such file.
        AccessDenied: The file may not be read.
        Rejected: It is no regular file, too large, binary or not UTF-8.
        ServiceUnavailable: The disk failed.
    """
    with file_errors(path, "read"):
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise Rejected(f"{str(path)!r} is {what}, not a Markdown file.", hint=hint)
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise Rejected(
            f"{str(path)!r} holds {status.st_size} bytes; at most {MAX_FILE_BYTES} are read.",
            hint="Shorten it; link to long logs and attachments instead of pasting them.",
        )
    if b"\0" in data:
        raise Rejected(f"{str(path)!r} is a binary file, not Markdown.", hint=hint)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise rejected(
            path, line, "the text is not UTF-8", hint="Save the file with the encoding UTF-8."
        ) from error


def parse_document(path: Path, text: str, *, hint: str = "") -> Document:
    """Split a text into front matter and body.

    Raises:
        Rejected: The front matter is missing, malformed or no list of fields.
    """
    found = _FRONT_MATTER.match(text)
    if found is None:
        if re.match(r"\ufeff?---[ \t]*\r?\n", text):
            raise rejected(path, 1, "the front matter is not closed by a line '---'", hint=hint)
        raise rejected(path, 1, "there is no front matter (a first line '---')", hint=hint)
    fields = _load(path, found["header"], hint)
    return Document(
        path=path,
        text=text,
        fields={str(name): fields[name] for name in fields},
        lines={str(name): fields.lc.key(name)[0] + 2 for name in fields},
        header_end=found.end("header"),
        body_start=found.end(),
    )


def read_document(path: Path, *, hint: str = "") -> Document:
    """Read a file with front matter.

    Raises:
        NotFound: There is no such file.
        AccessDenied: The file may not be read.
        Rejected: The file is not such a document.
        ServiceUnavailable: The disk failed.
    """
    return parse_document(path, read_text(path, hint=hint), hint=hint)


def _load(path: Path, header: str, hint: str) -> CommentedMap:
    if len(header) > MAX_HEADER_CHARACTERS:
        raise rejected(path, 1, f"the front matter is longer than {MAX_HEADER_CHARACTERS}")
    try:
        fields = YAML(typ="rt", pure=True).load(header)
    except (YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        problem = str(getattr(error, "problem", None) or "it cannot be read").splitlines()[0]
        # What is never closed is found at the end, and mended where it was opened.
        which = "context_mark" if "stream end" in problem else "problem_mark"
        mark = getattr(error, which, None)
        line = mark.line + 2 if mark is not None else 2
        raise rejected(path, line, f"the front matter is not YAML: {problem}", hint=hint) from error
    if fields is None:
        return CommentedMap()
    if not isinstance(fields, CommentedMap) or fields.fa.flow_style():
        raise rejected(path, 2, "the front matter is not a list of 'name: value' lines", hint=hint)
    return fields


def format_document(fields: Mapping[str, object], body: str) -> str:
    """Return the text of a file with this front matter and body."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 10_000
    header = StringIO()
    yaml.dump(dict(fields), header)
    return f"---\n{header.getvalue()}---\n\n{body.strip()}\n"


def replace_field(document: Document, field: str, value: str) -> str:
    """Return the document's text with one text field changed or added, all else untouched.

    Raises:
        Rejected: The field is written in a form that cannot be changed in place.
    """
    written = value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    header = document.text[: document.header_end]
    if field in document.fields:
        lines = header.splitlines(keepends=True)
        index = document.line(field) - 1
        lines[index] = re.sub(
            rf"^({re.escape(field)}[ \t]*:)[ \t]*(?:\"[^\"]*\"|'[^']*'|[^#\r\n]*?)?"
            r"([ \t]+#[^\r\n]*)?(\r?\n)$",
            lambda found: f"{found[1]} {written}{found[2] or ''}{found[3]}",
            lines[index],
        )
        header = "".join(lines)
    else:
        header += f"{field}: {written}{document.newline}"
    text = header + document.text[document.header_end :]
    expected = {**document.fields, field: value}
    if parse_document(document.path, text).fields != expected:
        raise rejected(
            document.path,
            document.line(field),
            f"{field!r} cannot be changed in this form",
            hint=f"Write it on one line as `{field}: {written}`.",
        )
    return text


def write_file(path: Path, text: str) -> None:
    """Write a file so that it is found whole or as it was before, even after a power cut.

    Raises:
        AccessDenied: The folder may not be written to.
        Rejected: Something else stands where the file or its folder should be.
        ServiceUnavailable: The disk is full or failed.
    """
    data = text.encode("utf-8", "replace")
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    with file_errors(path, "write"):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                if path.is_file():
                    os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock across threads and processes; the folder is made when missing.

    Raises:
        AccessDenied: The folder may not be written to.
        Rejected: Something else stands where the folder should be.
        ServiceUnavailable: The disk is full or failed, or someone else kept the lock.
    """
    with file_errors(folder, "lock"):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with file_lock(folder / ".lock", timeout_seconds=_LOCK_SECONDS):
            yield
    except StoreFailed as error:
        raise AccessDenied(error.message, hint=error.hint) from error


@contextmanager
def file_errors(path: Path, verb: str) -> Iterator[None]:
    """Translate what the operating system raises about a file.

    Raises:
        NotFound: The file is not there.
        AccessDenied: It may not be touched.
        Rejected: It has the wrong shape or name.
        ServiceUnavailable: The disk is full or failed.
    """
    try:
        yield
    except OSError as error:
        raise _translated(error, path, verb) from error


def _translated(error: OSError, path: Path, verb: str) -> ServiceError:
    message = f"Cannot {verb} {str(path)!r}: {error.strerror or error}."
    if error.errno == errno.ENOENT:
        return NotFound(message)
    if error.errno in _NO_RIGHT:
        return AccessDenied(message, hint="Give this user the right to it, or choose another one.")
    if error.errno in _WRONG_SHAPE:
        return Rejected(message, hint="Choose another folder or name, or move what is there.")
    if error.errno in _NO_SPACE:
        return ServiceUnavailable(message, hint="Free some space and start again.")
    return ServiceUnavailable(message, hint="Check the disk and start again.")
