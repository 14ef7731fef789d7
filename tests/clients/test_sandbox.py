import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mergewright.clients.sandbox import (
    Bind,
    Sandbox,
    examine,
    interpreter_folders,
    probe,
    require,
)
from mergewright.domain.checks import SandboxLevel
from mergewright.errors import SandboxUnavailable
from tests.clients.check_samples import needs_bwrap

PYTHON_BINDS = [Bind(path, writable=False) for path in interpreter_folders()]


@pytest.fixture
def cage():
    return Sandbox(SandboxLevel.BUBBLEWRAP)


def python(cage, folder, script, *arguments, binds=(), **options):
    argv = [sys.executable, "-I", "-S", "-c", script, *map(str, arguments)]
    return cage.run(argv, folder=folder, binds=[*PYTHON_BINDS, *binds], **options)


@needs_bwrap
class TestBubblewrap:
    def test_its_folder_is_writable_and_stays_the_callers(self, cage, tmp_path):
        result = cage.run(["sh", "-c", "pwd; echo made > here"], folder=tmp_path)
        assert result.output.strip() == str(tmp_path)
        assert (tmp_path / "here").read_text() == "made\n"
        assert (tmp_path / "here").stat().st_uid == os.getuid()
        assert result.level is SandboxLevel.BUBBLEWRAP

    def test_it_is_no_root_and_has_no_capabilities(self, cage, tmp_path):
        result = cage.run(["sh", "-c", "id -u; grep CapEff /proc/self/status"], folder=tmp_path)
        user, capabilities = result.output.strip().split("\n")
        assert user != "0"
        assert int(capabilities.split()[1], 16) == 0

    def test_other_files_are_not_there(self, cage, tmp_path):
        folder, secret = tmp_path / "folder", tmp_path / "secret.txt"
        folder.mkdir()
        secret.write_text("as it was")
        result = cage.run(
            ["sh", "-c", 'cat "$1"; echo changed > "$1"', "sh", str(secret)], folder=folder
        )
        assert "as it was" not in result.output
        assert secret.read_text() == "as it was"

    @pytest.mark.parametrize("place", ["/", "/usr", "/etc", "/root-of-all"])
    def test_system_places_are_not_writable(self, cage, tmp_path, place):
        result = cage.run(["sh", "-c", 'mkdir -p "$1/new"', "sh", place], folder=tmp_path)
        assert result.exit_code != 0

    def test_kernel_settings_are_not_writable_even_for_a_mapped_root(self, cage, tmp_path):
        script = (
            "test -e /proc/sys/kernel/core_pattern || exit 9\n"
            "for f in $(find /proc/sys/kernel /proc/sys/vm -type f); do "
            'test -w "$f" && echo "$f"; done; true'
        )
        result = cage.run(["sh", "-c", script], folder=tmp_path)
        assert (result.exit_code, result.output) == (0, "")

    def test_no_other_proc_can_be_mounted(self, cage, tmp_path):
        script = (
            "unshare -Urpfm sh -c 'mount -t proc proc /tmp && test -w "
            "/tmp/sys/kernel/core_pattern && echo OPEN'; true"
        )
        assert "OPEN" not in cage.run(["sh", "-c", script], folder=tmp_path).output

    def test_a_bound_path_is_readable_and_only_writable_when_asked(self, cage, tmp_path):
        folder, shown, shared = (tmp_path / name for name in ("folder", "shown", "shared"))
        for place in (folder, shown, shared):
            place.mkdir()
            (place / "file").write_text(place.name)
        script = 'cat "$1/file" "$2/file"; echo x > "$2/file"; echo x > "$1/file"'
        result = cage.run(
            ["sh", "-c", script, "sh", str(shown), str(shared)],
            folder=folder,
            binds=[Bind(shown, writable=False), Bind(shared, writable=True)],
        )
        assert result.output.startswith("shownshared")
        assert (shown / "file").read_text() == "shown"
        assert (shared / "file").read_text() == "x\n"

    def test_a_folder_in_a_shown_folder_stays_writable(self, cage, tmp_path):
        folder = tmp_path / "folder"
        folder.mkdir()
        binds = [Bind(tmp_path, writable=False)]
        result = cage.run(["touch", "new"], folder=folder, binds=binds)
        assert (result.exit_code, result.output) == (0, "")

    def test_the_home_folder_is_empty_and_writable(self, cage, tmp_path):
        result = cage.run(["sh", "-c", "ls -A ~; touch ~/new && echo ok"], folder=tmp_path)
        assert result.output == "ok\n"
        real = cage.run(["ls", "-A", str(Path.home())], folder=tmp_path)
        assert ".bashrc" not in real.output

    def test_there_is_no_way_out_to_the_network(self, cage, tmp_path):
        script = (
            "import socket, sys\n"
            "for address in (('127.0.0.1', int(sys.argv[1])), ('192.0.2.1', 9)):\n"
            "    try: socket.create_connection(address, 0.5); print('REACHED')\n"
            "    except OSError: pass\n"
            "u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "try: u.sendto(b'out', ('127.0.0.1', int(sys.argv[2])))\n"
            "except OSError: pass\n"
            "print('tried')"
        )
        with (
            socket.create_server(("127.0.0.1", 0)) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            udp.bind(("127.0.0.1", 0))
            udp.setblocking(False)
            ports = tcp.getsockname()[1], udp.getsockname()[1]
            result = python(cage, tmp_path, script, *ports)
            assert result.output == "tried\n"
            with pytest.raises(BlockingIOError):
                udp.recv(10)
            shared = python(cage, tmp_path, script, *ports, network=True)
            assert "REACHED" in shared.output
            assert udp.recv(10) == b"out"

    def test_loopback_works_inside(self, cage, tmp_path):
        script = (
            "import socket\n"
            "s = socket.create_server(('localhost', 0))\n"
            "c = socket.create_connection(s.getsockname()); print('met')"
        )
        assert python(cage, tmp_path, script).output == "met\n"

    def test_the_environment_is_what_was_given(self, cage, tmp_path, monkeypatch):
        monkeypatch.setenv("CANARY_TOKEN", "do-not-tell")
        script = "env; cat /proc/1/environ /proc/self/environ"
        result = cage.run(["sh", "-c", script], folder=tmp_path, environment={"GIVEN": "yes"})
        assert "GIVEN=yes" in result.output
        assert "do-not-tell" not in result.output

    def test_variables_are_not_in_the_arguments(self, cage, tmp_path):
        script = "cat /proc/[0-9]*/cmdline"
        result = cage.run(["sh", "-c", script], folder=tmp_path, environment={"KEY": "hidden-1"})
        assert result.exit_code == 0
        assert "hidden-1" not in result.output

    def test_processes_of_the_host_are_not_seen(self, cage, tmp_path):
        result = cage.run(["sh", "-c", f"kill -0 {os.getpid()}; ls /proc"], folder=tmp_path)
        numbers = [word for word in result.output.split() if word.isdigit()]
        assert "No such process" in result.output
        assert 0 < len(numbers) < 8

    def test_limits_hold_inside(self, cage, tmp_path):
        late = cage.run(["sleep", "30"], folder=tmp_path, timeout_seconds=0.3)
        assert late.timed_out
        hog = "import time; held = b'x' * (300 << 20); time.sleep(30)"
        fat = python(cage, tmp_path, hog, memory_bytes=80 << 20, timeout_seconds=10)
        assert "memory limit" in fat.stopped

    def test_memory_cannot_be_taken_as_files_either(self, cage, tmp_path):
        shown = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False)
        if "--size" not in shown.stdout + shown.stderr:
            pytest.skip("this bubblewrap cannot limit the size of a folder in memory")
        for place in ("$TMPDIR", "/dev/shm", "$HOME"):  # noqa: S108 - those of the sandbox
            fill = f"head -c 64000000 /dev/zero > {place}/fill"
            result = cage.run(["sh", "-c", fill], folder=tmp_path, memory_bytes=32 << 20)
            assert "No space left" in result.output

    def test_children_in_sessions_of_their_own_die_too(self, cage, tmp_path):
        script = "setsid sh -c 'sleep 0.6; touch late' & exit 0"
        cage.run(["sh", "-c", script], folder=tmp_path)
        time.sleep(1)
        assert not (tmp_path / "late").exists()

    def test_a_cage_that_cannot_be_made_is_an_error_and_no_result(self, cage, tmp_path):
        missing = [Bind(tmp_path / "missing", writable=False)]
        with pytest.raises(SandboxUnavailable, match="missing"):
            cage.run(["true"], folder=tmp_path, binds=missing)

    def test_this_host_reaches_what_the_canary_proves(self, home):
        probe.cache_clear()
        found = probe()
        assert {item.property for item in found.findings if not item.held} == set()
        assert found.level is SandboxLevel.BUBBLEWRAP
        assert found.reason == found.remedy == ""
        assert probe() is found
        assert require(SandboxLevel.BUBBLEWRAP, allow_lower=False).level is found.level

    def test_more_than_there_is_cannot_be_required(self, home):
        with pytest.raises(SandboxUnavailable, match="container"):
            require(SandboxLevel.CONTAINER, allow_lower=False)
        lower = require(SandboxLevel.CONTAINER, allow_lower=True)
        assert lower.level is SandboxLevel.BUBBLEWRAP


class TestLimits:
    def test_home_and_variables_are_new(self, tmp_path, monkeypatch):
        monkeypatch.setenv("CANARY_TOKEN", "do-not-tell")
        cage = Sandbox(SandboxLevel.LIMITS)
        result = cage.run(
            ["sh", "-c", 'env; cd; pwd; ls -A; touch "$TMPDIR/x"'],
            folder=tmp_path,
            environment={"GIVEN": "yes"},
        )
        assert result.exit_code == 0
        assert "do-not-tell" not in result.output
        assert "GIVEN=yes" in result.output
        home = Path(result.output.strip().splitlines()[-1])
        assert home.name.startswith("mergewright-home-")
        assert not home.exists()

    def test_it_says_what_it_is(self, tmp_path):
        result = Sandbox(SandboxLevel.LIMITS).run(["true"], folder=tmp_path)
        assert result.level is SandboxLevel.LIMITS


def test_there_is_no_container_sandbox():
    with pytest.raises(SandboxUnavailable, match="container"):
        Sandbox(SandboxLevel.CONTAINER)


def test_a_sandbox_without_its_program_cannot_be_made():
    script = (
        "from mergewright.clients.sandbox import Sandbox, SandboxUnavailable\n"
        "from mergewright.domain.checks import SandboxLevel\n"
        "try: Sandbox(SandboxLevel.BUBBLEWRAP)\n"
        "except SandboxUnavailable as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PATH": "/nowhere"},
    )
    assert "not installed" in done.stdout


def test_a_host_without_bubblewrap_is_told_how_to_get_it():
    found = examine(None)
    assert found.level is SandboxLevel.LIMITS
    assert "not installed" in found.reason
    assert "bubblewrap" in found.remedy
    held = {item.property: item.held for item in found.findings}
    assert held["a memory hog is stopped"]
    assert held["a time limit is kept"]
    assert held["the environment is cleared"]
    assert not held["no TCP to the outside"]
    assert not held["no UDP to the outside"]
    assert not held["nothing else is writable"]
    assert not held["commands die with their parent"]


@needs_bwrap
def test_the_canary_runs_once_per_host(home):
    probe.cache_clear()
    found = probe()
    assert found.level is SandboxLevel.BUBBLEWRAP
    place = home / "sandbox.json"
    kept = json.loads(place.read_text())
    kept["probe"]["findings"] = []
    place.write_text(json.dumps(kept))
    probe.cache_clear()
    assert probe().findings == ()
    kept["host"][1] = "another start of the system"
    place.write_text(json.dumps(kept))
    probe.cache_clear()
    assert {item.property for item in probe().findings} == {
        item.property for item in found.findings
    }
    place.write_text("{")
    assert probe(anew=True).level is SandboxLevel.BUBBLEWRAP
    probe.cache_clear()


def test_installed_is_not_works(tmp_path):
    broken = tmp_path / "bwrap"
    broken.write_text(
        "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n"
    )
    broken.chmod(0o755)
    found = examine(str(broken))
    assert found.level is SandboxLevel.LIMITS
    assert "setting up uid map: Permission denied" in found.reason
    assert found.remedy


def test_a_program_that_cannot_be_started_is_no_sandbox(tmp_path):
    lame = tmp_path / "bwrap"
    lame.write_text("no program at all")
    found = examine(str(lame))
    assert found.level is SandboxLevel.LIMITS
    assert "cannot be started" in found.reason
