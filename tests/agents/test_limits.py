import contextvars
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
