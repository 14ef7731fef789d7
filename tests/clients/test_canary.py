from mergewright.clients.canary import release_canary
from mergewright.clients.sandbox import Sandbox, examine
from mergewright.domain.checks import SandboxLevel
from tests.clients.check_samples import needs_bwrap

PROMISES = {
    "no TCP to the outside",
    "no UDP to the outside",
    "loopback works inside",
    "its folder is writable",
    "nothing else is writable",
    "kernel settings are not writable",
    "the home folder is hidden",
    "the environment is cleared",
    "other processes are hidden",
    "a memory hog is stopped",
    "a time limit is kept",
    "a crowd of processes is stopped",
    "commands die with their parent",
}


def make_bwrap(tmp_path, script):
    """Write a program that stands where bubblewrap should and does something else."""
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


@needs_bwrap
def test_each_promise_is_tried():
    found = release_canary(Sandbox(SandboxLevel.BUBBLEWRAP))
    assert {item.property for item in found} == PROMISES
    assert all(item.held for item in found), [item for item in found if not item.held]


def test_a_bubblewrap_that_shuts_nothing_in_is_found_out(tmp_path):
    hollow = make_bwrap(tmp_path, 'while [ "$1" != -- ]; do shift; done\nshift\nexec "$@"')
    found = examine(hollow)
    assert found.level is SandboxLevel.LIMITS
    assert "does not hold" in found.reason
    assert "no TCP to the outside" in found.reason


@needs_bwrap
def test_one_broken_promise_is_enough(tmp_path):
    leaky = make_bwrap(
        tmp_path,
        'for word; do shift; [ "$word" = --unshare-all ] && set -- "$@" --unshare-pid --unshare-uts && continue; '
        'set -- "$@" "$word"; done\nexec bwrap "$@"',
    )
    found = examine(leaky)
    assert found.level is SandboxLevel.LIMITS
    assert "no UDP to the outside" in found.reason
    assert "other processes" not in found.reason
