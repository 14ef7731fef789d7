"""The crash matrix finds nothing in a correct workflow, and each fault in a wrong one."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from mergewright.errors import SettingInvalid, WorkError
from mergewright.testing.crash_table import CrashTable, Traces, compare
from mergewright.testing.crashes import (
    Start,
    only,
    run_matrix,
    run_undisturbed,
    sample,
    spread,
)
from mergewright.testing.crashing_store import CrashPoint
from tests.testing.crash_toys import Toy, url_of

ROOT = Path(__file__).parents[2]
WRITES = (
    "run_started",
    "call_reserved",
    "model_answered + call_settled",
    "effect_intended",
    "effect_done",
    "run_finished",
)


def matrix(fault: str, folder: Path, **changes) -> CrashTable:
    return run_matrix(Toy(fault), folder, **{"jobs": 1, **changes})


def test_each_write_has_a_point_before_and_after_it(tmp_path):
    undisturbed = run_undisturbed(Toy(), tmp_path)
    moments = [(point.write, point.moment) for point in undisturbed.points]
    assert moments == [(write, moment) for write in WRITES for moment in ("before", "after")]
    assert undisturbed.traces == Traces(
        calls={"question": 1}, effects={"letter": 1}, state={"outcome": "delivered"}
    )


def test_a_correct_workflow_survives_every_point(tmp_path):
    told = []
    table = matrix("", tmp_path, jobs=2, tell=told.append)
    assert table.is_clean
    assert len(table.results) == table.all_points == 2 * len(WRITES)
    assert len(told) == table.tried == len(table.results) - 3
    assert "9 kills: where nothing at all happened" in str(table)
    # received, not recorded, asked for again: nobody can avoid it, and it happens once
    assert [result.point.write for result in table.results if result.paid_in_window] == [WRITES[2]]
    assert table.paid_in_window == 1
    assert [path.name for path in tmp_path.iterdir()] == ["undisturbed"]


def test_a_point_that_is_chosen_twice_is_tried_once(tmp_path):
    table = matrix("", tmp_path, jobs=2, choose=lambda points: [points[5], points[2], points[5]])
    assert table.is_clean
    assert [result.point.number for result in table.results] == [2, 1]


def test_two_points_are_one_instant_where_nothing_was_asked_or_written_between(tmp_path):
    correct, other = (
        run_undisturbed(Toy(fault), tmp_path / (fault or "none")).same_instants
        for fault in ("", "leaves a trace")
    )
    # not 1-after and 3-after: a call and an act come next
    assert correct == {"0-after": "1-before", "2-after": "3-before", "4-after": "5-before"}
    assert {**other, "2-after": "3-before"} == correct != other


def test_of_two_points_that_are_one_instant_each_is_tried_when_it_is_chosen_alone(tmp_path):
    told = []
    alone = matrix("", tmp_path / "alone", choose=only("2-after"), tell=told.append)
    both = matrix("", tmp_path / "both", choose=only("3-before", "2-after"), tell=told.append)
    assert [result.point.name for result in told] == ["2-after", "3-before"]
    assert [result.point.name for result in both.results] == ["3-before", "2-after"]
    assert (alone.tried, both.tried) == (1, 1)


@pytest.mark.parametrize("at_most", [1, 5, 9, 12, 99])
def test_a_few_points_are_spread_over_all_kinds_of_writes(tmp_path, at_most):
    points = run_undisturbed(Toy(), tmp_path).points
    chosen = spread(at_most)(points)
    assert len(chosen) == len(set(chosen)) == min(at_most, len(points))
    assert [*chosen] == sorted(chosen, key=points.index)
    kinds = Counter(point.write for point in chosen)
    assert len(kinds) == min(at_most, len(WRITES))
    assert max(kinds.values()) - min(kinds.values()) <= 1


def test_an_effect_that_is_not_looked_up_shows_as_doubled(tmp_path):
    table = matrix("acts without looking", tmp_path)
    (fault,) = table.faults
    assert str(fault.point) == "before write 4 (effect_done in work)"
    assert fault.doubled == ("letter",)
    assert fault.survived
    assert "FAULT before write 4 (effect_done in work): doubled: letter" in str(table)


def test_an_outcome_that_is_recorded_too_early_shows_as_lost(tmp_path):
    (fault,) = matrix("records before it acts", tmp_path).faults
    assert str(fault.point) == "after write 4 (effect_done in work)"
    assert fault.lost == ("letter",)


def test_an_answer_that_is_not_looked_up_shows_as_paid_twice(tmp_path):
    table = matrix("pays without looking", tmp_path)
    assert {fault.paid_twice for fault in table.faults} == {1}
    assert {fault.point.write for fault in table.faults} == {*WRITES[2:]}
    assert table.paid_in_window == 1


def test_a_workflow_that_cannot_be_started_again_does_not_survive(tmp_path):
    table = matrix("gives up", tmp_path)
    lost = [result for result in table.results if not result.survived]
    assert len(lost) == 2 * len(WRITES) - 2
    assert "outcome is 'none', not 'delivered'; started again, it ended with code 1" in str(lost[0])
    # the log of the kill that was tried, which may stand for the next point as well
    log = Path(lost[0].trouble.rpartition("; see ")[2])
    assert log.is_relative_to(tmp_path)
    assert "There was a run before this one." in log.read_text()


def test_a_workflow_that_hangs_is_ended_and_does_not_survive(tmp_path):
    table = matrix("hangs", tmp_path, choose=lambda points: points[3:4], timeout_seconds=1)
    assert "it took too long" in table.results[0].trouble


def test_a_workflow_that_is_another_one_each_time_is_told_so(tmp_path):
    result = matrix("wavers", tmp_path, choose=lambda points: points[2:3]).results[0]
    assert str(result.point) == "before write 1 (run_started in work)"
    assert "not the same run each time: it came to before write 1 (noted in work)" in result.trouble


def test_a_workflow_that_fails_by_itself_is_refused_with_what_it_printed(tmp_path):
    class Failing(Toy):
        def prepare(self, place):
            start = super().prepare(place)
            return Start(start.run, "nothing://")

    with pytest.raises(WorkError, match="when it is left alone") as caught:
        run_undisturbed(Failing(), tmp_path)
    assert "There is no event log" in caught.value.hint


def test_a_workflow_that_cannot_be_imported_elsewhere_is_refused(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "only_here.py").write_text("def run():\n    pass\n")
    sys.path.insert(0, str(folder))
    try:
        import only_here  # noqa: PLC0415 - made by this test
    finally:
        sys.path.remove(str(folder))

    class Elsewhere(Toy):
        def prepare(self, place):
            return Start(only_here.run, url_of(place))

    with pytest.raises(WorkError, match="only_here"):
        run_undisturbed(Elsewhere(), tmp_path / "places")


def points(*writes: str) -> list[CrashPoint]:
    return [
        CrashPoint(number=number, moment=moment, stage="work", types=(write,))
        for number, write in enumerate(writes)
        for moment in ("before", "after")
    ]


def test_a_sample_holds_every_nth_point_and_all_around_effects():
    chosen = sample(4)(points("noted", "noted", "effect_intended", "effect_done", "noted", "noted"))
    assert [(point.number, point.moment) for point in chosen] == [
        (0, "before"),
        (2, "before"), (2, "after"), (3, "before"), (3, "after"),
        (4, "before"),
    ]  # fmt: skip


def test_single_points_are_chosen_by_name_and_unknown_ones_refused():
    passed = points("noted", "noted")
    assert only("1-before", "0-after")(passed) == [passed[2], passed[1]]
    with pytest.raises(SettingInvalid, match="'2-before'") as caught:
        only("2-before")(passed)
    assert "4 points, from 0-before to 1-after" in caught.value.hint


def test_fresh_interpreters_come_to_the_same_as_forked_ones(tmp_path):
    forked, fresh = (
        matrix("", tmp_path / name, choose=only("2-before", "4-before"), fresh=name == "fresh")
        for name in ("forked", "fresh")
    )
    assert fresh == forked
    assert fresh.paid_in_window == 1


def test_the_plan_is_told_before_the_first_point(tmp_path):
    told = []
    matrix(
        "",
        tmp_path,
        choose=only("0-before"),
        tell=told.append,
        tell_plan=lambda undisturbed, chosen: told.append((len(undisturbed.points), chosen)),
    )
    assert told[0] == (2 * len(WRITES), 1)
    assert [result.point.name for result in told[1:]] == ["0-before"]


def test_parts_of_a_matrix_join_in_the_order_of_the_points_and_name_what_to_try_again():
    noted = points("noted", "noted")
    clean, faulty, last = (
        compare(point, Traces(effects={"mail": 1}), Traces(effects={"mail": mails}))
        for point, mails in ((noted[0], 1), (noted[1], 2), (noted[3], 1))
    )
    parts = [
        CrashTable(all_points=4, results=results, again="crashes shop:opened")
        for results in ((faulty, last), (clean,))
    ]
    joined = CrashTable.joined(parts)
    assert joined.results == (clean, faulty, last)
    assert str(joined).endswith(
        "FAULT after write 0 (noted in work): doubled: mail\n"
        "  again: crashes shop:opened --only 0-after"
    )


WINDOW = CrashPoint(number=1, moment="before", stage="s", types=("model_answered", "call_settled"))
OUTSIDE = WINDOW.model_copy(update={"moment": "after"})


@pytest.mark.parametrize(
    ("point", "calls", "in_window", "twice"),
    [
        (WINDOW, {"a": 1, "b": 1}, 0, 0),
        (WINDOW, {"a": 1, "b": 2}, 1, 0),
        (WINDOW, {"a": 2, "b": 2}, 1, 1),
        (WINDOW, {"a": 1, "b": 3}, 1, 1),
        (OUTSIDE, {"a": 1, "b": 2}, 0, 1),
        (OUTSIDE, {"a": 1, "b": 1, "c": 1}, 0, 1),
        (OUTSIDE, {"a": 1}, 0, 0),
    ],
)
def test_only_one_call_and_only_in_the_window_is_unavoidable(point, calls, in_window, twice):
    result = compare(point, Traces(calls={"a": 1, "b": 1}), Traces(calls=calls))
    assert (result.paid_in_window, result.paid_twice) == (in_window, twice)
    assert result.is_clean is (twice == 0)


def test_what_is_another_state_is_named_and_cut():
    found = compare(
        OUTSIDE, Traces(state={"tree": "t", "page": "1"}), Traces(state={"tree": "x" * 99})
    )
    assert found.trouble == f"page is missing, not '1'; tree is '{'x' * 80}…', not 't'"


def test_the_table_counts_by_write_and_names_the_window():
    results = [
        compare(point, Traces(calls={"a": 1}, effects={"mail": 1}), found)
        for point, found in (
            (WINDOW, Traces(calls={"a": 2}, effects={"mail": 1})),
            (OUTSIDE, Traces(calls={"a": 1}, effects={"mail": 2})),
            (points("noted")[0], Traces(calls={"a": 3}, state={"outcome": "failed"})),
        )
    ]
    table = str(CrashTable(all_points=9, results=tuple(results)))
    assert (
        table
        == """\
killed at a write of           points  survived  paid twice  doubled  lost
--------------------------------------------------------------------------
model_answered + call_settled       2         2           0        1     0
noted                               1         0           2        0     1
--------------------------------------------------------------------------
3 of 9                              3         2           2        1     1

The one unavoidable window (answer received, not yet recorded): 1 points, 1 calls, at most one each.
FAULT after write 1 (model_answered + call_settled in s): doubled: mail
FAULT before write 0 (noted in work): did not survive: outcome is 'failed', not missing; paid twice: 2; lost: mail"""
    )


def call(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, "-m", "mergewright.testing.crashes", *words],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_prints_the_matrix_and_says_by_its_code_whether_it_is_clean(tmp_path):
    clean = call("tests.testing.crash_toys:correct", "--quiet")
    assert clean.returncode == 0, clean.stderr
    assert "every point" in clean.stdout
    assert "FAULT" not in clean.stdout
    assert "12 crash points" not in clean.stdout
    options = ("--every", "3", "--jobs", "2", "--folder", "all")
    faulty = call("tests.testing.crash_toys:blind", *options, folder=tmp_path)
    assert faulty.returncode == 1, faulty.stderr
    assert "12 crash points; 6 to try, 2 at a time: about 1 min." in faulty.stdout
    assert "FAULT before write 4 (effect_done in work): doubled: letter" in faulty.stdout
    assert "6 of 12" in faulty.stdout
    again = "python -m mergewright.testing.crashes tests.testing.crash_toys:blind --only 4-before"
    assert f"  again: {again}" in faulty.stdout
    assert f"Kept for a look: {tmp_path / 'all'}" in faulty.stdout
    alone = call(*again.split()[3:], "--folder", "kept", folder=tmp_path)
    assert alone.returncode == 1, alone.stderr
    assert "1 of 12" in alone.stdout
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "0004-before", "undisturbed",
    ]  # fmt: skip


def test_the_command_refuses_no_jobs_at_all():
    done = call("tests.testing.crash_toys:correct", "--jobs", "0")
    assert done.returncode == 2
    assert "--jobs" in done.stderr + done.stdout


def test_the_command_names_a_workload_that_is_not_there():
    done = call("tests.testing.crash_toys:nobody")
    assert done.returncode == SettingInvalid.exit_code
    assert "There is no workload 'tests.testing.crash_toys:nobody'" in done.stderr
