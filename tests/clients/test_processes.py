import sys
import time

import psutil
import pytest

from mergewright.clients.processes import Limits, run_limited, with_limits
from mergewright.domain.checks import SandboxLevel


def run(argv, folder, **limits):
    wanted = Limits(**limits)
    return run_limited(
        with_limits(argv, wanted),
        shown=argv,
        folder=folder,
        environment={"PATH": "/usr/bin:/bin"},
        limits=wanted,
        level=SandboxLevel.LIMITS,
    )


def test_output_of_both_streams_comes_in_order(tmp_path):
    result = run(["sh", "-c", "echo one; echo two >&2; echo three; exit 3"], tmp_path)
    assert result.output == "one\ntwo\nthree\n"
    assert result.exit_code == 3
    assert result.argv[0] == "sh"
    assert not result.stopped


def test_a_signal_is_told_as_shells_tell_it(tmp_path):
    assert run(["sh", "-c", "kill -KILL $$"], tmp_path).exit_code == 137


def test_a_program_that_is_not_there_is_a_result(tmp_path):
    result = run(["no-such-program"], tmp_path)
    assert result.exit_code == 127
    assert "no-such-program" in result.output


def test_a_program_in_front_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(OSError, match="no-such-cage"):
        run_limited(
            ["/no-such-cage"],
            shown=["true"],
            folder=tmp_path,
            environment={},
            limits=Limits(),
            level=SandboxLevel.LIMITS,
        )


def test_only_the_end_of_a_long_output_is_kept(tmp_path):
    script = "for i in range(200_000): print(f'line {i:06}')"
    result = run([sys.executable, "-c", script], tmp_path, output_bytes=1_200)
    assert result.output.endswith("line 199999\n")
    assert len(result.output) == 1_200
    assert result.omitted_bytes == 200_000 * 12 - 1_200


def test_bytes_that_are_no_text_are_replaced(tmp_path):
    result = run(["printf", r"caf\303\251 \377 end"], tmp_path)
    assert result.output == "café \ufffd end"


def test_nothing_is_read_from_the_terminal(tmp_path):
    assert run(["cat"], tmp_path).exit_code == 0


def test_time_is_limited_and_what_was_printed_is_kept(tmp_path):
    began = time.monotonic()
    result = run(["sh", "-c", "echo before; sleep 30"], tmp_path, timeout_seconds=0.3)
    assert time.monotonic() - began < 3
    assert result.timed_out
    assert result.exit_code is None
    assert result.output == "before\n"
    assert "0.3 s" in result.stopped


def test_a_flood_of_output_does_not_stop_the_clock(tmp_path):
    assert run(["yes"], tmp_path, timeout_seconds=0.4).timed_out


def test_a_process_without_output_is_waited_for(tmp_path):
    result = run(["sh", "-c", "exec >&- 2>&-; sleep 0.3; exit 4"], tmp_path)
    assert result.exit_code == 4
    assert result.duration_seconds >= 0.3


def test_children_die_with_a_command_that_is_stopped(tmp_path):
    script = "sh -c 'sleep 97531' & sleep 97531"
    run(["sh", "-c", script], tmp_path, timeout_seconds=0.3)
    assert not alive("97531")


def test_children_that_outlive_their_command_are_killed(tmp_path):
    began = time.monotonic()
    result = run(["sh", "-c", "sleep 86421 & echo done"], tmp_path)
    assert result.exit_code == 0
    assert result.output == "done\n"
    assert time.monotonic() - began < 5
    assert not alive("86421")


def alive(word):
    """Whether a process with this argument lives a second from now; the dead have no arguments."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        lines = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
        if not [line for line in lines if word in (line or [])]:
            return False
        time.sleep(0.02)
    return True


def test_memory_is_limited_over_all_processes(tmp_path):
    hog = "import time; held = b'x' * (40 << 20); time.sleep(30)"
    script = f'for n in 1 2 3; do "{sys.executable}" -I -S -c "{hog}" & done; wait'
    result = run(["sh", "-c", script], tmp_path, memory_bytes=90 << 20, timeout_seconds=20)
    assert "memory limit of 90 MiB" in result.stopped
    assert result.exit_code is None
    assert not result.timed_out


def test_pages_that_processes_share_count_once(tmp_path):
    script = (
        "import os, time\nheld = b'x' * (60 << 20)\n"
        "for _ in range(3):\n    if os.fork() == 0:\n        time.sleep(0.6)\n        os._exit(0)\n"
        "time.sleep(0.6)"
    )
    if not hasattr(psutil.Process().memory_full_info(), "pss"):
        pytest.skip("this system does not tell shared memory apart")
    result = run([sys.executable, "-I", "-S", "-c", script], tmp_path, memory_bytes=130 << 20)
    assert not result.stopped
    assert result.exit_code == 0


def test_the_number_of_processes_is_limited(tmp_path):
    script = "for n in 1 2 3 4 5 6 7 8; do sleep 30 & done; wait"
    result = run(["sh", "-c", script], tmp_path, max_processes=5, timeout_seconds=20)
    assert "process limit of 5" in result.stopped


def test_the_kernel_is_told_limits_and_never_one_of_address_space(tmp_path):
    script = (
        "import resource as r\n"
        "print(*(r.getrlimit(getattr(r, 'RLIMIT_' + n))[1] for n in "
        "('CORE', 'FSIZE', 'NOFILE', 'CPU')), r.getrlimit(r.RLIMIT_AS)[1] == r.RLIM_INFINITY)"
    )
    result = run([sys.executable, "-I", "-S", "-c", script], tmp_path, timeout_seconds=10)
    core, size, files, cpu, free = result.output.split()
    assert (core, size, files, free) == ("0", str(1 << 30), "4096", "True")
    assert 10 <= int(cpu) <= 10_000


def test_arguments_reach_the_command_as_they_are(tmp_path):
    words = ["$(id)", "a b", "", "*", "'", '"', "--", "é"]
    result = run(["printf", "<%s>\n", *words], tmp_path)
    assert result.output.splitlines() == [f"<{word}>" for word in words]


def test_a_cage_that_fails_is_told_apart_from_its_command(tmp_path):
    failed = run_limited(
        ["sh", "-c", "echo no namespaces >&2; exit 1"],
        shown=["true"],
        folder=tmp_path,
        environment={"PATH": "/usr/bin:/bin"},
        limits=Limits(),
        level=SandboxLevel.LIMITS,
    )
    assert not failed.started
    assert failed.output == "no namespaces\n"
    assert run(["sh", "-c", "exit 1"], tmp_path).started


def test_the_watch_adds_little_to_a_quick_command(tmp_path):
    assert any(run(["true"], tmp_path).duration_seconds < 0.03 for _ in range(60))
