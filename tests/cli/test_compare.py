"""What is wrong with a comparison is told before anything is started."""

import pytest


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "old.sh"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("--baseline", "none.sh"),
            "The old script 'none.sh' cannot be run: there is no such file",
        ),
        (("--baseline", "."), "it is no file"),
        (("--baseline", "plain.sh"), "hint: Make it executable: chmod +x /"),
        (("--baseline", "old.sh", "--variable", "MERGEWRIGHT_HOME"), "--variable"),
        (("--baseline", "old.sh", "--time-limit-minutes", "0"), "--time-limit-minutes"),
        (("--baseline", "old.sh", "--workflow", "documentation"), "documentation"),
        ((), "--baseline"),
    ],
)
def test_bad_input_is_named(mergewright, script, words, told):
    script.with_name("plain.sh").write_text("#!/bin/sh\n")
    done = mergewright("compare", "--ticket", "T-1", "--repo", ".", *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Starting the Prefect engine" not in done.stdout
