"""A profile is named, or chosen in a form as a saved block; a request keeps the name."""

import pytest
from pydantic import ValidationError

from mergewright.domain.requests import FollowUpRequest, StandardDevRequest


class Saved:
    """A block as Prefect's engine gives it."""

    def __init__(self, name):
        self._block_document_name = name


def test_a_chosen_block_is_its_name():
    assert StandardDevRequest(ticket="T-1", profile=Saved("team")).profile == "team"
    assert FollowUpRequest(run_id="run-1", profile=Saved("team")).profile == "team"
    assert StandardDevRequest(ticket="T-1", profile="team").profile == "team"


@pytest.mark.parametrize("profile", ["No/Name", "", 7, {"$ref": "x"}, Saved(None), Saved("A B")])
def test_what_is_no_name_is_refused(profile):
    with pytest.raises(ValidationError, match="profile"):
        StandardDevRequest(ticket="T-1", profile=profile)


def test_a_form_offers_the_saved_ones():
    field = StandardDevRequest.model_json_schema()["properties"]["profile"]
    assert field["block_type_slug"] == "mergewright-delivery-profile"
    assert not {"type", "anyOf"} & field.keys()
