from hypothesis import given
from hypothesis import strategies as st

from mergewright.patching.hunks import Block, compare, hunks_between, lines_between

LINES = st.lists(st.sampled_from(["a", "b", "", "}", "    x"]), max_size=12)


@given(LINES, LINES)
def test_kept_and_removed_lines_are_the_old_text_kept_and_added_the_new(old, new):
    lines = lines_between(old, new)
    assert [line.text for line in lines if line.tag != "+"] == old
    assert [line.text for line in lines if line.tag != "-"] == new


def test_a_block_begins_where_a_person_would_say():
    old = ["def a():", "    pass", "", "def c():", "    pass"]
    new = [*old[:3], "def b():", "    pass", "", *old[3:]]
    assert list(compare(old, new)) == [Block(3, 3, 3, 6)]


def test_many_lines_are_compared_in_a_bounded_time():
    old, new = [str(n % 50) for n in range(5_000)], [str(n % 70) for n in range(5_000)]
    assert len(list(compare(old, new))) == 1


def test_changes_that_are_near_share_a_hunk():
    before = "".join(f"{n}\n" for n in range(30))
    after = before.replace("5\n", "five\n", 1).replace("8\n", "eight\n", 1).replace("28\n", "z\n")
    hunks = hunks_between(before, after)
    assert [hunk.near_line for hunk in hunks] == [3, 26]
    assert hunks_between(before, before) == ()
