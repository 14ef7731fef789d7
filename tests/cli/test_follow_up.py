"""The command line of a follow-up: what is wrong with it is told before anything begins."""

from tests.cli import example_log


def test_a_run_that_is_not_there(mergewright):
    ended = mergewright("follow-up", "nobody-1")
    assert ended.returncode == 8
    assert "There is no run 'nobody-1'" in ended.stderr


def test_a_bad_option_is_named(mergewright, home):
    example_log.write(home, example_log.delivered())
    ended = mergewright("follow-up", "last", "--max-repair-rounds", "9")
    assert ended.returncode == 2
    assert "--max-repair-rounds 9" in ended.stderr
    assert "hint: --max-repair-rounds: How often" in ended.stderr
