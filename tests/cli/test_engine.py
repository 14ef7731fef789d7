import pytest


@pytest.mark.journey
def test_setup_registers_the_blocks_and_logs_to_a_file(process, home):
    done = process("setup")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Starting the Prefect engine …\n")
    assert "Mergewright Delivery Profile" in done.stdout
    assert "delivery profile 'local' is there" in done.stdout
    assert done.stderr == ""
    assert "temporary server" in (home / "logs" / "prefect.log").read_text()
