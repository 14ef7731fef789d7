import io
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import unquote

import pytest

from mergewright.clients.console import Console
from mergewright.domain.notice import Notice
from mergewright.errors import NotFound, Rejected

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


def test_a_mail_of_a_thread_names_the_one_before_it(tmp_path):
    console = Console(tmp_path / "mail box", quiet=True)
    first = console.send(NOTICE, marker="a").value
    second = console.send(NOTICE, marker="b", thread=first).value
    assert mail(unquote(second))["In-Reply-To"] == mail(unquote(first))["Message-ID"]
    assert mail(unquote(first))["In-Reply-To"] is None


def test_an_update_writes_the_mail_anew_and_tells_once(tmp_path):
    stream = io.StringIO()
    console = Console(tmp_path, stream=stream, clock=lambda: AT)
    first = console.send(NOTICE, marker="a").value
    reference = console.send(NOTICE, marker="b", thread=first).value
    before = mail(reference)
    news = Notice(subject="TODO-7 seen: Käfer", body="Ünder **way**.", level="warning")
    assert console.update(reference, news) == (reference, False)
    after = mail(reference)
    assert (after["Subject"], after["Importance"]) == ("TODO-7 seen: Käfer", "high")
    assert after.get_content().splitlines() == ["Ünder **way**."]
    for kept in ("Message-ID", "Date", "In-Reply-To", "X-Mergewright-Marker", "From"):
        assert after[kept] == before[kept]
    assert "TODO-7 seen" in stream.getvalue()
    shown = stream.getvalue()
    assert console.update(reference, news) == (reference, True)
    assert stream.getvalue() == shown
    assert len(list(tmp_path.glob("*.eml"))) == 2


@pytest.mark.parametrize(
    "reference", ["", "x.eml", "file:///etc/passwd", "DIR/../m.eml", "DIR/n.eml", "http://[x"]
)
def test_only_mails_of_the_mailbox_are_changed(tmp_path, reference):
    console = Console(tmp_path / "mail", quiet=True)
    console.send(NOTICE, marker="m")
    (tmp_path / "m.eml").write_text("not ours")
    named = reference.replace("DIR", (tmp_path / "mail").as_uri())
    with pytest.raises(NotFound):
        console.update(named, NOTICE)
    alone = console.send(NOTICE, marker="other", thread=named).value
    assert mail(alone)["In-Reply-To"] is None
    assert (tmp_path / "m.eml").read_text() == "not ours"
