"""The profile that a file names is a chosen block on the server, and a name again where it is read."""

import pytest

from deployments.chosen_profiles import chosen, named

IDS = {"mergewright-delivery-profile/team": "6f0f"}
NAMES = {identifier: name for name, identifier in IDS.items()}


def test_a_named_profile_is_chosen_and_named_again():
    parameters = {"request": {"profile": "team", "dry_run": True}, "other": 1}
    held = chosen(parameters, IDS.get)
    assert held == {
        "request": {"profile": {"$ref": {"block_document_id": "6f0f"}}, "dry_run": True},
        "other": 1,
    }
    assert named(held, NAMES) == parameters


@pytest.mark.parametrize(
    "parameters",
    [
        {}, {"request": {}}, {"request": "text"}, {"request": {"profile": "unknown"}},
        {"rule": {"request": {"profile": "team"}}},
        {"request": {"profile": {"$ref": {"block_document_id": "unknown"}}}},
    ],
)  # fmt: skip
def test_what_is_no_profile_of_a_request_stays_as_it_is(parameters):
    assert chosen(parameters, IDS.get) == parameters
    assert named(parameters, NAMES) == parameters
