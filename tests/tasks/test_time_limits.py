"""A block that hangs is ended, in whatever it hangs, and what it started dies with it."""

import ast
import ctypes
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from prefect.exceptions import TerminationSignal

from mergewright.settings import settings
from tasks._time_limits import (
    OTHER_SECONDS,
    STAGE_SECONDS,
    Overdue,
    ended_after,
    hurrying,
    interruptibly,
    seconds_of,
)

pytestmark = pytest.mark.usefixtures("unmeasured")
SECONDS = 0.3
FLOWS = Path(__file__).parents[2] / "flows"


def read_a_silent_socket():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.recv(1)


def wait_for_a_command():
    with subprocess.Popen(["sleep", "60"]) as process:
        process.wait()


def compute_for_ever():
    while True:
        try:
            time.perf_counter()
        except Exception:  # noqa: BLE001, S112 - as careless code does
            continue


def wait_for_a_pool():
    with ThreadPoolExecutor() as pool:
        pool.submit(wait_for_a_command).result()


HANGS = (read_a_silent_socket, wait_for_a_command, compute_for_ever, wait_for_a_pool)


def sleepers():
    return [one for one in psutil.Process().children(recursive=True) if one.name() == "sleep"]


@pytest.mark.parametrize("hang", HANGS)
def test_the_main_thread_is_ended_wherever_it_hangs(hang):
    assert threading.current_thread() is threading.main_thread()
    began = time.monotonic()
    with pytest.raises(Overdue), ended_after(SECONDS):
        hang()
    assert SECONDS <= time.monotonic() - began < 5
    assert not sleepers()
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_native_code_is_left_behind_and_its_answer_and_its_error_come_back():
    assert interruptibly(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        interruptibly(lambda: 1 // 0)
    began = time.monotonic()
    with pytest.raises(Overdue), ended_after(SECONDS):
        interruptibly(lambda: ctypes.CDLL(None).sleep(20))
    assert time.monotonic() - began < 5


def test_another_thread_is_ended_between_two_of_its_steps():
    raised = []

    def work():
        try:
            with ended_after(SECONDS):
                compute_for_ever()
        except Overdue as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert len(raised) == 1


@pytest.fixture
def terminable():
    """Raise at SIGTERM what Prefect raises in a flow run."""

    def terminate(number, _frame):
        raise TerminationSignal(number)

    before = signal.signal(signal.SIGTERM, terminate)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("told", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, TerminationSignal)]
)
def test_a_signal_does_not_wait_for_what_the_block_started(terminable, told, error):
    """A pool waits for its threads when it is left: for 60 seconds, if nobody helped."""
    main = threading.main_thread().ident
    began = time.monotonic()
    threading.Timer(SECONDS, signal.pthread_kill, (main, told)).start()
    with pytest.raises(error), ended_after(60):
        wait_for_a_pool()
    assert time.monotonic() - began < 20
    assert not sleepers()


def interrupt():
    raise KeyboardInterrupt


def test_what_is_done_because_of_a_signal_is_not_helped_to_its_end():
    done = []
    try:
        interrupt()
    except KeyboardInterrupt:
        with ended_after(60):
            done.append(subprocess.run(["sleep", "3"], check=False).returncode)
    assert done == [0]


def test_a_block_in_time_is_left_alone_and_so_is_an_alarm_of_others():
    with ended_after(60):
        pass
    others = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        with ended_after(60):
            assert signal.getsignal(signal.SIGALRM) is not None
            assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    finally:
        signal.signal(signal.SIGALRM, others)


def test_the_time_of_a_stage_is_shortened_in_a_hurry_and_scaled(home, monkeypatch):
    assert seconds_of("repair-2") == STAGE_SECONDS["repair"]
    assert seconds_of("pull-request") == STAGE_SECONDS["pull-request"]
    assert seconds_of("approve-plan") == STAGE_SECONDS["approve"] > 24 * 3600
    assert seconds_of("of-somebody-elses-flow") == OTHER_SECONDS
    with hurrying(5):
        assert 0 < seconds_of("implement") <= 5
    with hurrying(-1), pytest.raises(Overdue), ended_after(seconds_of("report")):
        pytest.fail("there was no time left")
    monkeypatch.setenv("MERGEWRIGHT_STAGE_TIME_FACTOR", "2")
    settings.cache_clear()
    assert seconds_of("plan") == 2 * STAGE_SECONDS["plan"]


DOING = {"do", "do_if_possible"}


def test_every_stage_of_the_flows_has_a_time():
    named = set()
    for path in FLOWS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in DOING:
                (first, *_) = node.args
                if isinstance(first, ast.Constant):
                    named.add(first.value)
    assert len(named) > 10
    assert {name.removeprefix("backport-") for name in named} <= STAGE_SECONDS.keys()
