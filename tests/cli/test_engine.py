import pytest

from mergewright.cli.engine import check_api
from mergewright.errors import ServiceUnavailable


def test_an_api_that_does_not_answer_is_named():
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:9") as caught:
        check_api("http://127.0.0.1:9/api")
    assert "prefect server start" in caught.value.hint


@pytest.mark.journey
def test_setup_registers_the_blocks_and_logs_to_a_file(process, home):
    done = process("setup")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Starting the Prefect engine …\n")
    assert "Mergewright Delivery Profile" in done.stdout
    assert "delivery profile 'local' is there" in done.stdout
    assert done.stderr == ""
    assert "temporary server" in (home / "logs" / "prefect.log").read_text()
