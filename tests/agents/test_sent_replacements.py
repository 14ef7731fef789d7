import json

import pytest

from mergewright.agents.sent_replacements import with_replacements

ONE = {"old": "a", "new": "b"}
WANTED = {"path": "f", "replacements": [ONE]}


@pytest.mark.parametrize(
    "sent",
    [
        WANTED,
        {"path": "f", "edits": [ONE]},
        {"path": "f", "replacements": ONE},
        {"path": "f", "replacements": json.dumps([ONE])},
        {"path": "f", "edits": [{"old_string": "a", "new_string": "b"}]},
        {"path": "f", "old_str": "a", "new_str": "b"},
    ],
)
def test_the_names_of_other_tools_are_read_as_ours(sent):
    assert with_replacements(sent) == WANTED


@pytest.mark.parametrize("sent", ["text", {"path": "f"}, {"path": "f", "old": "a"}])
def test_what_cannot_be_read_is_left_as_it_is(sent):
    assert with_replacements(sent) == sent


def test_a_text_that_is_no_list_is_left_for_the_check_of_the_arguments():
    assert with_replacements({"replacements": "x"}) == {"replacements": ["x"]}
