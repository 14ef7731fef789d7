"""An old script and the workflow on one ticket: compared, kept, and nothing of either published."""

import re
import signal
import subprocess
import time

import pytest

from flows.compare import compare
from mergewright.domain.compare_request import CompareRequest
from mergewright.domain.delivery import Outcome
from tests.clients.check_samples import needs_bwrap
from tests.journeys.places import MODEL, ROOT

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(400), needs_bwrap]

PAGE = (ROOT / "docs" / "how-to" / "compare.md").read_text()


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "old.sh"
    (example,) = re.findall(r"^```sh\n(#!/bin/sh\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    path.write_text(example)
    path.chmod(0o755)
    return path


def request_of(shop, script, **changes):
    fields = {"ticket": str(shop.ticket), "repository": str(shop.repository), "model": MODEL}
    return CompareRequest(**fields, script=str(script), **changes)


def left_over(shop):
    return list(shop.home.glob("runs/*/worktree-script"))


def test_the_script_of_the_how_to_is_held_against_the_workflow(shop, messages, script):
    delivery = compare(request_of(shop, script))
    assert delivery.outcome is Outcome.REHEARSED
    old, new = delivery.comparison.old, delivery.comparison.new
    assert (old.ended, new.ended) == ("done", "done")
    assert old.paths == {"README.md"}
    assert len(new.paths) == 3
    assert (float(old.cost_usd), new.cost_usd) == (0.42, delivery.costs.settled_usd)
    assert (old.tests.green, new.tests.green) == (64, 77)
    gates = [{gate.name: gate.status for gate in side.gates} for side in (old, new)]
    assert gates[0].keys() == gates[1].keys() - {"Review"}
    assert (gates[0]["Proof"], gates[1]["Proof"]) == ("failed", "passed")
    assert "Working on # TALLY-7" in delivery.comparison.script.output
    assert shop.is_untouched()
    assert not shop.events("effect_intended", "effect_done")
    assert not left_over(shop)

    shown = shop.call(shop.command("show", delivery.run_id))
    assert re.search(r"files changed +1 file +3 files", shown.stdout), shown.stderr
    diff = shop.call(shop.command("show", delivery.run_id, "--diff", "--script"))
    assert "+Known since TALLY-7: cents get lost." in diff.stdout


def test_killed_in_the_script_it_goes_on_and_a_workflow_that_fails_is_a_result(
    shop, messages, tmp_path
):
    flags = tmp_path / "flags"
    flags.mkdir()
    script = tmp_path / "slow.sh"
    script.write_text(f"#!/bin/sh\ntouch begun\n[ -e {flags}/go ] || sleep 100\nexit 3\n")
    script.chmod(0o755)
    words = ("--ticket", str(shop.ticket), "--repo", str(shop.repository), "--model", MODEL)
    process = subprocess.Popen(
        shop.command("compare", "--baseline", str(script), *words, "--may-read", str(flags)),
        env=shop.environment, cwd=shop.home.parent, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 100
    while not list(shop.home.glob("runs/*/worktree-script/copy/repository/begun")):
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert left_over(shop)

    (flags / "go").touch()
    request = request_of(shop, script, may_read=(str(flags),), max_repair_rounds=0)
    delivery = compare(request)
    (killed, *_) = shop.events("run_started")
    assert delivery.run_id == killed.run_id
    old, new = delivery.comparison.old, delivery.comparison.new
    assert (old.ended, old.paths) == ("failed: exit code 3", {"begun"})
    assert new.ended.startswith("failed: The change still fails after 0 repair rounds")
    assert len(new.paths) == 3
    assert delivery.outcome is Outcome.REHEARSED
    assert shop.is_untouched()
    assert not left_over(shop)
