import os
import subprocess
import sys

import pytest

from mergewright.cli.demo import MARKER, TICKET, prepare_folder
from mergewright.errors import SettingInvalid


def branches(folder):
    done = subprocess.run(
        ["git", "-C", folder / "tally", "branch"], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_folder_holds_the_repository_and_the_ticket(tmp_path):
    folder = tmp_path / "a" / "demo"
    prepare_folder(folder, keep=False)
    assert (folder / TICKET.name).read_bytes() == TICKET.read_bytes()
    assert branches(folder) == ["*", "main"]


def test_only_the_demos_own_folder_is_made_afresh(tmp_path):
    folder = tmp_path / "demo"
    prepare_folder(folder, keep=False)
    (folder / "left-over").write_text("x")
    prepare_folder(folder, keep=True)
    assert (folder / "left-over").exists()
    prepare_folder(folder, keep=False)
    assert not (folder / "left-over").exists()

    (folder / MARKER).unlink()
    with pytest.raises(SettingInvalid, match="no demo made it"):
        prepare_folder(folder, keep=False)
    assert (folder / TICKET.name).exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingInvalid, match="--folder"):
        prepare_folder(tmp_path / "file" / "demo", keep=False)


@pytest.mark.journey
@pytest.mark.parametrize("path", ["", "hidden"])
def test_nothing_of_the_users_is_used(environment, tmp_path, path):
    program = (
        "import os, sys; from pathlib import Path; from mergewright.cli import demo\n"
        f"folder = Path({str(tmp_path)!r}); demo._isolate(folder)\n"
        "demo._announce(demo.human_console(), folder)\n"
        "assert demo.settings().home == folder / 'home'\n"
        "print(sorted(n for n in os.environ if n.startswith(('PREFECT_', 'MERGEWRIGHT_'))))"
    )
    variables = {
        **environment,
        "PREFECT_API_URL": "http://nowhere/api",
        "MERGEWRIGHT_EVENT_STORE": "sqlite:////nowhere",
    }
    if path:
        variables["PATH"] = str(tmp_path)
        (tmp_path / "git").symlink_to(subprocess.check_output(["which", "git"], text=True).strip())
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=variables,
        cwd=os.sep,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "recorded answers" in done.stdout
    unsandboxed = "MERGEWRIGHT_ALLOW_UNSANDBOXED" in done.stdout
    assert unsandboxed is ("NO SANDBOX" in done.stdout)
    assert unsandboxed or not path
    assert "API_URL" not in done.stdout
    assert "EVENT_STORE" not in done.stdout
