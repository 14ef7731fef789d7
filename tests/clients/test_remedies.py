import shutil
import sys

import pytest

from mergewright.clients.remedies import remedy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the lines are for Linux")


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
    ],
)
def test_a_refused_user_namespace_names_the_setting(tmp_path, setting, value, line):
    file = tmp_path / "proc/sys" / setting
    file.parent.mkdir(parents=True)
    file.write_text(f"{value}\n")
    assert line in remedy("setting up uid map: Permission denied", root=tmp_path)


def test_a_container_is_started_otherwise(tmp_path):
    (tmp_path / ".dockerenv").touch()
    assert "--security-opt" in remedy("Can't mount proc on /newroot/proc", root=tmp_path)


def test_an_unknown_cause_names_where_to_look(tmp_path):
    assert "user namespaces" in remedy("something", root=tmp_path)


def test_what_is_missing_is_installed_with_the_tool_of_this_system():
    line = remedy("")
    assert "bubblewrap" in line
    if shutil.which("apt-get"):
        assert line == "`sudo apt-get install bubblewrap`"
