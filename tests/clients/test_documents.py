import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mergewright.clients.documents import (
    file_errors,
    format_document,
    parse_document,
    replace_field,
    write_file,
)
from mergewright.errors import AccessDenied, NotFound, Rejected, ServiceUnavailable

OUT_OF_ROOM = """
import resource, signal, sys
from pathlib import Path
from mergewright.clients.documents import write_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_file(Path(sys.argv[1]), "x" * 5000)
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_write_that_finds_no_room_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("old")
    command = [sys.executable, "-c", OUT_OF_ROOM, str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert told.startswith("ServiceUnavailable Cannot write")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, ServiceUnavailable),
        (errno.EDQUOT, ServiceUnavailable),
        (errno.EIO, ServiceUnavailable),
        (errno.EACCES, AccessDenied),
        (errno.EROFS, AccessDenied),
        (errno.ENOENT, NotFound),
        (errno.ENOTDIR, Rejected),
        (errno.ENAMETOOLONG, Rejected),
    ],
)
def test_every_system_error_is_translated(number, kind):
    with (
        pytest.raises(kind, match=r"Cannot write 'x\.md'") as caught,
        file_errors(Path("x.md"), "write"),
    ):
        raise OSError(number, os.strerror(number))
    assert caught.value.hint or kind is NotFound


def test_a_file_where_the_folder_should_be_is_refused(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(Rejected):
        write_file(tmp_path / "a" / "b.md", "x")


@pytest.mark.parametrize(
    "value", ["plain words", 'with "quotes": #', "/a/b.md", "ä \U0001f600", ""]
)
def test_a_replaced_field_reads_back(value):
    document = parse_document(Path("x.md"), format_document({"a": "1", "b": "2"}, "Body"))
    text = replace_field(document, "a", value)
    assert parse_document(Path("x.md"), text).fields == {"a": value, "b": "2"}
    text = replace_field(document, "c", value)
    assert parse_document(Path("x.md"), text).fields == {"a": "1", "b": "2", "c": value}
