"""What an event says is taken in a narrow form, or refused."""

import pytest
from pydantic import ValidationError

from mergewright.domain.outside_events import (
    KINDS,
    PullRequestMerged,
    ReleasePublished,
    TicketReady,
)


@pytest.mark.parametrize("key", ["SHOP-7", "shop_7", "owner/na.me#12", "#12"])
@pytest.mark.parametrize(
    "repository",
    ["https://github.com/example/shop.git", "git@example.org:shop/web.git", "ssh://git@x/y"],
)
def test_keys_and_addresses_are_taken(key, repository):
    said = TicketReady.model_validate({"ticket": key, "repository": repository, "more": {"a": 1}})
    assert said.model_dump(exclude_none=True) == {"ticket": key, "repository": repository}


@pytest.mark.parametrize(
    "key",
    [
        "../x", "/etc/passwd", "ticket.md", "a/b", "", "SHOP-7\n", "{{ 7 }}", "x" * 201, 7, None,
        {"__prefect_kind": "jinja", "template": "{{ 7 }}"}, ["SHOP-7"], "a/../b#1", "--flag",
    ],
)  # fmt: skip
def test_other_tickets_are_refused(key):
    with pytest.raises(ValidationError) as caught:
        TicketReady.model_validate({"ticket": key})
    assert "input_value" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "/srv/repository", "file:///etc", "https://user:secret@example.org/x", "http://example.org/x",
        "https://example.org/x?y=1", "--upload-pack=touch", "ext::sh -c true", "https://example.org/x y",
        {"$ref": "x"},
    ],
)  # fmt: skip
def test_other_repositories_are_refused(address):
    with pytest.raises(ValidationError):
        TicketReady.model_validate({"ticket": "SHOP-7", "repository": address})


def test_the_other_events_say_what_they_must():
    assert set(KINDS) == {
        "mergewright.ticket.ready", "mergewright.pull-request.merged", "mergewright.release.published",
    }  # fmt: skip
    assert ReleasePublished.model_validate({"tag": "v1.2.3"}).tag == "v1.2.3"
    with pytest.raises(ValidationError):
        ReleasePublished.model_validate({"tag": "-delete"})
    with pytest.raises(ValidationError):
        PullRequestMerged.model_validate({"run_id": "../../x"})
