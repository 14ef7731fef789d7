import json

from mergewright.testing.recorded import load_cassette
from tests.cli import example_log


def test_a_run_becomes_a_cassette(home, tmp_path, mergewright):
    example_log.write(home, example_log.failed(), example_log.delivered())
    target = tmp_path / "tape.json"
    done = mergewright("record", "last", "--output", str(target), "--title", "Cents")
    assert done.returncode == 0, done.stderr
    assert f"4 answers of tally-7-aaaaaa written to {target}." in done.stdout
    assert f"--model recorded:{target}" in done.stdout
    cassette = load_cassette(target)
    assert (cassette.title, cassette.models) == ("Cents", (example_log.MODEL,))

    before = target.read_bytes()
    again = mergewright("record", "tally-7-a", "--output", str(target))
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert target.read_bytes() == before
    forced = mergewright("record", "tally-7-a", "--output", str(target), "--force", "--json")
    assert json.loads(forced.stdout)["answers"] == 4
    assert load_cassette(target).title == "TALLY-7"

    empty = mergewright("record", "tally-7-b", "--output", str(tmp_path / "other.json"))
    assert empty.returncode == 2
    assert "no model answers" in empty.stderr
    assert not (tmp_path / "other.json").exists()
