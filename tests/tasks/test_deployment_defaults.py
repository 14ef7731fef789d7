"""What a deployment fixes stays fixed where a run is started with a part of its request."""

import pytest
from prefect.client.orchestration import get_client

from blocks.profile import DeliveryProfile
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import BlockMissing
from tasks.deployment_defaults import with_deployment_defaults

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@pytest.fixture
def offered(monkeypatch):
    """Be a run of a deployment with these parameters, as far as Prefect says so."""

    def offer(**parameters):
        with get_client(sync_client=True) as client:
            flow_id = client.create_flow_from_name("standard-dev")
            made = client.create_deployment(flow_id, "defaults", parameters=parameters)
        monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", str(made))

    return offer


def test_what_is_not_given_is_as_the_deployment_says(offered):
    given = StandardDevRequest(ticket="T-1", budget_usd=2)
    assert with_deployment_defaults(given) == given
    offered(request={"dry_run": True, "budget_usd": 1, "approve": ["plan"]})
    request = with_deployment_defaults(given)
    assert (request.dry_run, request.budget_usd, request.approve) == (True, 2, ("plan",))
    assert not with_deployment_defaults(given.model_copy(update={"dry_run": False})).dry_run


def test_a_deployment_of_another_kind_says_nothing(offered):
    given = StandardDevRequest(ticket="T-1")
    offered(rule={"request": {"dry_run": True}})
    assert with_deployment_defaults(given) == given


def test_a_profile_that_was_chosen_is_named_and_one_that_is_gone_is_told(offered):
    saved = DeliveryProfile().save("chosen", overwrite=True)
    offered(request={"profile": {"$ref": {"block_document_id": str(saved)}}})
    given = StandardDevRequest(ticket="T-1")
    assert with_deployment_defaults(given).profile == "chosen"
    DeliveryProfile.delete("chosen")
    with pytest.raises(BlockMissing, match="delivery profile that it fixes, is not there"):
        with_deployment_defaults(given)
    named = given.model_copy(update={"profile": "local"})
    assert with_deployment_defaults(named).profile == "local"
