import io
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from mergewright.clients.console import Console
from mergewright.domain.notice import Notice
from mergewright.errors import Rejected

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NOTICE = Notice(
    subject="TODO-7 delivered: Käfer",
    body="Please **review** `x`.\n\n- one [bold red]not markup[/]",
    url="https://example.org/1",
)


def mail(reference: str):
    return message_from_bytes(Path(reference.removeprefix("file://")).read_bytes(), policy=default)


def test_a_notice_is_printed_and_kept_as_a_mail(tmp_path):
    stream = io.StringIO()
    console = Console(tmp_path / "mail", stream=stream, clock=lambda: AT)
    reference, found = console.send(NOTICE, marker="run-1-delivered")
    assert not found
    assert reference == (tmp_path / "mail" / "run-1-delivered.eml").as_uri()
    kept = mail(reference)
    assert kept["Subject"] == "TODO-7 delivered: Käfer"
    assert kept["From"] == "Mergewright <mergewright@localhost>"
    assert kept["Date"].datetime == AT
    assert kept.get_content().splitlines() == [*NOTICE.body.splitlines(), "", NOTICE.url]
    shown = stream.getvalue()
    for part in ("TODO-7 delivered: Käfer", "review", "[bold red]not markup[/]", NOTICE.url):
        assert part in shown


def test_the_same_marker_tells_once(tmp_path):
    stream = io.StringIO()
    console = Console(tmp_path, stream=stream)
    first = console.send(NOTICE, marker="m").value
    shown = stream.getvalue()
    assert console.send(NOTICE.model_copy(update={"body": "new"}), marker="m") == (first, True)
    assert stream.getvalue() == shown
    assert not console.send(NOTICE, marker="M-2").found
    assert len(list(tmp_path.glob("*.eml"))) == 2


@pytest.mark.parametrize("marker", ["../x", "run 1/ä", "", "a\n", ".", "x" * 300, "\ud800"])
def test_any_marker_names_a_file_in_the_mailbox(tmp_path, marker):
    console = Console(tmp_path / "mail", quiet=True)
    reference, _ = console.send(NOTICE, marker=marker)
    assert Path(reference.removeprefix("file://")).parent == tmp_path / "mail"
    assert console.send(NOTICE, marker=marker).found
    assert not console.send(NOTICE, marker=marker + "x").found


def test_hostile_text_steers_neither_terminal_nor_mail(tmp_path):
    stream = io.StringIO()
    hostile = Notice(
        subject="x\r\nBcc: all@example.org\x1b[2J",
        body="a\x1b]8;;http://evil\x07b\n[label](http://evil)\u202e \ud800 " + "y" * 3000,
        level="warning",
    )
    reference, _ = Console(tmp_path, stream=stream).send(hostile, marker="m")
    assert "\x1b" not in stream.getvalue()
    assert "\u202e" not in stream.getvalue()
    kept = mail(reference)
    assert kept["Bcc"] is None
    assert kept["Subject"] == "x Bcc: all@example.org[2J"
    assert kept["Importance"] == "high"
    assert "\x1b" not in kept.get_content()
    raw = Path(reference.removeprefix("file://")).read_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_quiet_keeps_the_mail_and_prints_nothing(tmp_path):
    stream = io.StringIO()
    console = Console(tmp_path, stream=stream, quiet=True)
    assert not console.send(NOTICE, marker="m").found
    assert stream.getvalue() == ""
    assert (tmp_path / "m.eml").is_file()


SENDER = """
import sys
from pathlib import Path
from mergewright.clients.console import Console
from mergewright.domain.notice import Notice
Console(Path(sys.argv[1])).send(Notice(subject="Told", body="x"), marker="m")
"""


def test_left_to_itself_it_prints_to_a_terminal_on_the_error_stream_only(tmp_path):
    command = [sys.executable, "-c", SENDER]
    piped = subprocess.run([*command, str(tmp_path / "a")], check=True, capture_output=True)
    assert (piped.stdout, piped.stderr) == (b"", b"")
    ours, theirs = pty.openpty()
    subprocess.run(
        [*command, str(tmp_path / "b")], check=True, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    assert b"Told" in os.read(ours, 4096)
    os.close(ours)


def test_a_mailbox_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "mail").write_text("")
    with pytest.raises(Rejected):
        Console(tmp_path / "mail").send(NOTICE, marker="m")
