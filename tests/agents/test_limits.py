import contextvars
import os
import threading
import time

import pytest

from mergewright.agents.limits import Deadline
from mergewright.errors import LimitReached


def test_time_that_is_left_is_no_reason_to_stop():
    deadline = Deadline.start("qa", 60)
    deadline.check()
    assert deadline.call(lambda: 42) == 42


def test_nothing_new_begins_after_the_end():
    deadline = Deadline.start("qa", 0)
    with pytest.raises(LimitReached, match="'qa' agent used up its 0 seconds"):
        deadline.check()


def test_work_that_hangs_is_left_behind():
    release = threading.Event()
    began = time.monotonic()
    with pytest.raises(LimitReached):
        Deadline.start("qa", 0.05).call(lambda: release.wait(30))
    assert time.monotonic() - began < 5
    release.set()


def test_errors_of_the_work_are_its_own():
    def work():
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        Deadline.start("qa", 60).call(work)


def test_the_work_sees_the_context_of_its_caller():
    variable = contextvars.ContextVar("variable", default="")
    variable.set("here")
    assert Deadline.start("qa", 60).call(variable.get) == "here"


def test_one_thread_does_one_call_after_another():
    deadline = Deadline.start("qa", 60)
    assert len({deadline.call(threading.get_ident) for _ in range(20)}) == 1


def test_a_thread_that_hangs_is_not_waited_for_and_comes_back_afterwards():
    release, hanging = threading.Event(), []

    def hang():
        hanging.append(threading.get_ident())
        release.wait(30)

    with pytest.raises(LimitReached):
        Deadline.start("qa", 0.05).call(hang)
    deadline = Deadline.start("qa", 60)
    assert deadline.call(threading.get_ident) != hanging[0]
    release.set()
    assert deadline.call(lambda: 42) == 42


def test_a_forked_child_has_threads_of_its_own():
    Deadline.start("qa", 60).call(lambda: 42)
    child = os.fork()
    if child == 0:
        os._exit(Deadline.start("qa", 5).call(lambda: 7))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
