"""Pages about the API that a repository describes: what the change does to an operation is marked."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.workspace import Workspace
from mergewright.errors import SettingInvalid
from tasks.pages import _api_drafts, has_api_document
from tests.journeys.places import commit_all, git

API = """openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /items:
    get:
      tags: [items]
      responses: {"200": {description: All of them}}
"""
MORE = (
    API
    + """    post:
      tags: [items]
      responses: {"201": {description: Made}}
"""
)


def workspace_of(tmp_path, document, policy="api_document: api.yaml\n"):
    repository = tmp_path / "shop"
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch", "main")
    (repository / ".mergewright.yml").write_text(policy)
    (repository / "api.yaml").write_text(API)
    commit_all(repository, "Describe the API")
    base = git(repository, "rev-parse", "HEAD").strip()
    (repository / "api.yaml").write_text(document)
    commit_all(repository, "Change the API")
    now = datetime.now(UTC)
    run = Run(
        id="shop-7-abc123", workflow="standard_dev", profile="local", ticket="SHOP-7",
        repository=str(repository), base="main", model=None, budget_usd=Decimal(1), started_at=now,
    )  # fmt: skip
    delivery = Delivery(
        run_id=run.id, workflow=run.workflow, outcome=Outcome.DELIVERED, repository=run.repository,
        commit=git(repository, "rev-parse", "HEAD").strip(), started_at=now, finished_at=now,
    )  # fmt: skip
    place = Workspace(
        repository=str(repository), mirror=repository / ".git", path=tmp_path, branch="fix/a",
        base="main", base_commit=base, base_tree=base, committed_at=now,
    )  # fmt: skip
    return run, place, delivery


def test_a_page_for_each_tag_with_what_is_new_marked(home, tmp_path):
    run, place, delivery = workspace_of(tmp_path, MORE)
    assert has_api_document(place)
    (draft,) = _api_drafts(run, place, delivery)
    assert (draft.space, draft.slug, draft.title) == ("api", "api-shop-items", "Shop: items")
    assert "POST /items" in draft.body
    assert draft.body.count("**Added**") == 1


@pytest.mark.parametrize("document", ["openapi: [", "just a text", "a: 1"])
def test_a_document_that_is_none_is_named(home, tmp_path, document):
    run, place, delivery = workspace_of(tmp_path, document)
    with pytest.raises(SettingInvalid):
        list(_api_drafts(run, place, delivery))


def test_a_document_that_is_not_there_is_named_and_none_is_wanted_by_default(home, tmp_path):
    run, place, delivery = workspace_of(tmp_path, MORE, "api_document: docs/no.yaml\n")
    with pytest.raises(SettingInvalid, match=r"docs/no\.yaml"):
        list(_api_drafts(run, place, delivery))
    (tmp_path / "other").mkdir()
    _, plain, _ = workspace_of(tmp_path / "other", MORE, "reviewers: [ada]\n")
    assert not has_api_document(plain)
