"""Blobs that are too much for a parser, and a child that is killed, stopped, or left behind."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from mergewright.analysis.blob_facts import Outcome, decode_columns, decode_measures, encode
from mergewright.analysis.extraction import read_blob
from mergewright.analysis.syntax import syntax_findings
from mergewright.clients.parser_process import ParserProcess
from mergewright.errors import ServiceUnavailable

HOSTILE = b"a<\n" * 100_000
"""One step of the parser that was not done after 12 s."""
PLAIN = b"def f():\n    return g()\n"


@pytest.fixture
def parser():
    with ParserProcess(cpu_seconds=0.5) as parser:
        yield parser


def names(reading):
    return list(decode_columns(reading.row).names)


def is_gone(pid):
    """Whether a process has ended; one that nobody waited for counts as well."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until_gone(pid, seconds=10.0):
    give_up_at = time.monotonic() + seconds
    while not is_gone(pid):
        assert time.monotonic() < give_up_at
        time.sleep(0.005)


def test_a_blob_is_read_as_in_this_process():
    with ParserProcess() as parser:
        assert parser.pid is None
        reading = parser.read("Python", PLAIN)
        assert reading == (encode(*read_blob("Python", PLAIN)), True)
        first = parser.pid
        assert names(parser.read("", b"no language")) == []
        # Question and answer take more than a pipe holds.
        long = b"class A:\n" + b"".join(b"    def f_%d(): pass\n" % n for n in range(10_000))
        assert len(names(parser.read("Python", long))) == 10_001
        assert parser.pid == first


def test_a_hostile_blob_is_stopped_counted_and_the_next_one_read(parser):
    began = time.monotonic()
    reading = parser.read("C++", HOSTILE)
    assert time.monotonic() - began < 20
    measures = decode_measures(reading.row)
    assert (measures.outcome, measures.lines, reading.is_lasting) == (
        Outcome.TOO_SLOW,
        100_000,
        True,
    )
    assert parser.pid is None
    assert names(parser.read("Python", PLAIN)) == ["f"]


def test_time_is_counted_for_each_blob_alone(parser):
    parser.start()
    first = parser.pid
    slow = b"def f(a):\n    return [b for b in a if b]\n" * 1_000
    while sum(psutil.Process(first).cpu_times()[:2]) < 0.6:
        assert decode_measures(parser.read("Python", slow).row).outcome is Outcome.PARSED
    assert parser.pid == first


def test_a_child_that_somebody_killed_is_replaced_and_the_blob_read_again(parser):
    parser.start()
    os.kill(parser.pid, signal.SIGKILL)
    reading = parser.read("Python", PLAIN)
    assert (names(reading), reading.is_lasting) == (["f"], True)


def test_a_blob_whose_children_are_killed_again_and_again_counts_for_this_time_only():
    with ParserProcess(cpu_seconds=60) as parser:
        killed = kill_children_while(lambda: parser.read("C++", HOSTILE))
    assert decode_measures(killed.row).outcome is Outcome.TOO_SLOW
    assert not killed.is_lasting


def kill_children_while(work):
    """Do some work while another process kills whatever this one starts to parse with."""
    script = (
        "import psutil, sys, time\n"
        "while True:\n"
        "    for child in psutil.Process(int(sys.argv[1])).children():\n"
        "        if child.pid != psutil.Process().pid and child.cpu_times().user > 0.3:\n"
        "            child.kill()\n"
        "    time.sleep(0.02)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(os.getpid())]) as killer:
        try:
            return work()
        finally:
            killer.kill()


def test_a_child_that_is_kept_from_working_is_given_up():
    with ParserProcess(wall_seconds=0.2) as parser:
        parser.start()
        asleep = parser.pid
        os.kill(asleep, signal.SIGSTOP)
        reading = parser.read("Python", PLAIN * 100_000)
        assert is_gone(asleep)
    assert decode_measures(reading.row).outcome in {Outcome.PARSED, Outcome.TOO_SLOW}


def test_no_child_and_no_zombie_is_left():
    before = set(psutil.Process().children())
    with ParserProcess(cpu_seconds=0.2) as parser:
        parser.read("C++", HOSTILE)
        parser.read("Python", PLAIN)
        last = parser.pid
        assert not is_gone(last)
    assert not psutil.pid_exists(last)
    assert set(psutil.Process().children()) <= before


def test_an_error_leaves_no_half_answer_behind(parser):
    parser.start()
    os.kill(parser.pid, signal.SIGSTOP)
    stopped = parser.pid
    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            parser.read("Python", b"old = 1\n")
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert not psutil.pid_exists(stopped)
    assert names(parser.read("Python", PLAIN)) == ["f"]


def interrupt(_number, _frame):
    raise KeyboardInterrupt


PARENT = """
import sys, threading
from mergewright.clients.parser_process import ParserProcess
if sys.argv[1] == "spawned":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
with ParserProcess() as parser:
    print(len(parser.read("Python", b"x = 1\\n").row) > 0, parser.pid, flush=True)
    parser.read("C++", b"a<\\n" * 100_000)
"""


@pytest.mark.parametrize("how", ["forked", "spawned"])
def test_a_child_in_the_middle_of_a_step_dies_with_its_parent(how, tmp_path):
    # The folder that it is started in may be hostile.
    (tmp_path / "struct.py").write_text("raise SystemExit('imported from the current folder')\n")
    command = [sys.executable, "-P", "-c", PARENT, how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as parent:
        was_read, pid = parent.stdout.readline().split()
        child = psutil.Process(int(pid))
        assert was_read == "True"
        # A forked child has its parent's command line.
        assert (child.cmdline() == command) is (how == "forked")
        time.sleep(0.5)
        assert child.is_running()
        parent.kill()
    wait_until_gone(child.pid, seconds=2)


def test_a_machine_without_processes_left_is_an_error_with_a_remedy(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with ParserProcess() as parser, pytest.raises(ServiceUnavailable) as failed:
        parser.start()
    assert "memory and processes" in failed.value.hint
    assert parser.pid is None


def test_faults_are_found_as_in_this_process_and_a_hostile_file_is_one(parser):
    assert parser.find_faults("notes.txt", "def (") == ()
    assert parser.pid is None
    for path, text in (("a.py", "def f(:\n"), ("a.ts", "let = ;\n"), ("a.json", "{}")):
        assert parser.find_faults(path, text) == syntax_findings(path, text)
    (fault,) = parser.find_faults("A.java", HOSTILE.decode())
    assert (fault.path, fault.line, fault.message) == ("A.java", 0, "takes too long to parse")
    assert parser.find_faults("b.py", "x = 1\n") == ()
