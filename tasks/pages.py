"""The stages that publish pages: about a delivery, and about the API that the repository describes."""

import json
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mergewright.clients import trees
from mergewright.clients.ports import Wiki
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.page import Page, PageDraft, PageOrigin
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused, ServiceError, SettingInvalid
from mergewright.texts.delivery import page_body
from mergewright.texts.openapi_pages import api_pages
from tasks._addresses import run_address
from tasks._effects import perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import PageBefore, PageWanted
from tasks._workbench import read_policy

SPACE = "deliveries"
API_SPACE = "api"
"""Where pages are in a wiki that has no space of its own."""
MAX_DOCUMENT_BYTES = 5_000_000


@stage("Publish the page", kept=False, repeats=1)
def publish_page(run: Run, delivery: Delivery) -> Page:
    """Publish what was changed and why as a page, one page per ticket.

    Raises:
        ServiceError: The wiki refused or did not answer.
    """
    if delivery.ticket is None:
        raise ChangeRefused("There is nothing to publish a page about.")
    draft = PageDraft(
        space=SPACE,
        slug=delivery.ticket.key.lower(),
        title=f"{delivery.ticket.key}: {delivery.ticket.title}",
        body=page_body(delivery),
        origin=_origin(run, delivery),
    )
    return publish_draft(run, draft, stage_id="page")


@stage("Publish the API pages", kept=False, repeats=1)
def publish_api_pages(run: Run, workspace: Workspace, delivery: Delivery) -> tuple[str, ...]:
    """Publish a page for each part of the API that the repository's policy names; return where.

    What the change does to an operation is marked on its page. A page that fails keeps no other
    from being published.

    Raises:
        SettingInvalid: The document is none; the message names the place in it.
        ServiceError: The wiki refused or did not answer.
    """
    faults: list[ServiceError] = []
    published: list[str] = []
    for draft in _api_drafts(run, workspace, delivery):
        try:
            published.append(publish_draft(run, draft, stage_id="api-pages").url)
        except ServiceError as error:
            faults.append(error)
    if faults:
        raise faults[0]
    return tuple(published)


def has_api_document(workspace: Workspace) -> bool:
    """Say whether the repository wants pages about its API.

    Raises:
        SettingInvalid: The repository's policy file is wrong.
    """
    return bool(read_policy(workspace.mirror, workspace.base_commit).api_document)


def publish_draft(run: Run, draft: PageDraft, *, stage_id: str) -> Page:
    """Publish a page as an effect, once however often it is tried.

    Raises:
        ServiceError: The wiki refused or did not answer.
    """
    profile = profile_of(run)
    return perform(
        journal_of(run, stage_id, profile),
        effect="page",
        target=f"{draft.space}/{draft.slug}",
        form=Page,
        wanted=PageWanted(draft=draft),
        act=lambda: profile.wiki.connect().publish(draft),
        reference=lambda page: page.url,
        before=lambda: _before(profile.wiki.connect(), draft),
    )


def _before(wiki: Wiki, draft: PageDraft) -> PageBefore:
    page = wiki.page(draft)
    return PageBefore(version=page.version if page else None)


def _origin(run: Run, delivery: Delivery) -> PageOrigin:
    opened = delivery.pull_request
    return PageOrigin(run_url=run_address(run), pull_request_url=opened.url if opened else "")


def _api_drafts(run: Run, workspace: Workspace, delivery: Delivery) -> Iterator[PageDraft]:
    path = read_policy(workspace.mirror, workspace.base_commit).api_document
    document = _document(workspace, delivery.commit, path)
    if document is None:
        raise SettingInvalid(
            f"The repository's policy names {path!r} as its API document, and there is none.",
            hint="Correct `api_document` in .mergewright.yml, or take it out.",
        )
    yield from api_pages(
        document,
        space=API_SPACE,
        earlier=_document(workspace, workspace.base_commit, path),
        prefix=f"api-{name_of(run.repository)}",
        origin=_origin(run, delivery),
    )


def _document(workspace: Workspace, commit: str, path: str) -> object:
    """Return what the document holds at a commit; None where it is not there."""
    body = trees.read_blob(workspace.mirror, commit, path)
    if body is None:
        return None
    if len(body) > MAX_DOCUMENT_BYTES:
        raise SettingInvalid(
            f"{path!r} has {len(body)} bytes, and the limit is {MAX_DOCUMENT_BYTES}.",
            hint="Describe the API in a smaller document, or leave its pages to another tool.",
        )
    try:
        text = body.decode()
        return (
            json.loads(text) if path.endswith(".json") else YAML(typ="safe", pure=True).load(text)
        )
    except (YAMLError, ValueError, RecursionError) as error:
        problem = str(error).partition("\n")[0]
        raise SettingInvalid(
            f"{path!r} at {commit[:12]} cannot be read: {problem}.",
            hint="Correct the document; its pages stay as they are.",
        ) from error


def name_of(repository: str) -> str:
    """Return what a repository is called, as the slug of a page begins with it."""
    return repository.rstrip("/").rpartition("/")[2].removesuffix(".git").lower() or "repository"
