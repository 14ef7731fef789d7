"""The stage that publishes corrected documents as pages of the wiki, section by section."""

import re
from collections.abc import Iterator

from mergewright.analysis.documentation_sections import changed_sections, title_of
from mergewright.clients import trees
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.page import PageDraft, PageOrigin
from mergewright.domain.workspace import Workspace
from mergewright.errors import ServiceError
from mergewright.safety.policy import matches_glob
from tasks._addresses import run_address
from tasks._documents import rules_of
from tasks._policies import stage
from tasks.pages import name_of, publish_draft

SPACE = "documentation"
"""Where pages are in a wiki that has no space of its own."""
STAGE = "pages"
_MARKDOWN = (".md", ".markdown")


@stage("Publish the documents", kept=False, repeats=1)
def publish_documents(run: Run, workspace: Workspace, delivery: Delivery) -> tuple[str, ...]:
    """Publish the changed documents that the repository's policy names; return where.

    On a page that is there only the sections that changed are written. A page that fails keeps no
    other from being published.

    Raises:
        ServiceError: The wiki refused or did not answer.
        SettingInvalid: The repository's policy file is wrong.
    """
    faults: list[ServiceError] = []
    published: list[str] = []
    for draft in _drafts(run, workspace, delivery):
        try:
            published.append(publish_draft(run, draft, stage_id=STAGE).url)
        except ServiceError as error:
            faults.append(error)
    if faults:
        raise faults[0]
    return tuple(published)


def _drafts(run: Run, workspace: Workspace, delivery: Delivery) -> Iterator[PageDraft]:
    globs, changeset = rules_of(workspace).pages, delivery.changeset
    for file in changeset.files if changeset else ():
        wanted = any(matches_glob(file.path, glob) for glob in globs)
        if not wanted or file.status == "deleted" or not file.path.endswith(_MARKDOWN):
            continue
        before, after = (
            (trees.read_blob(workspace.mirror, treeish, file.path) or b"").decode(errors="replace")
            for treeish in (workspace.base_commit, delivery.commit)
        )
        opened = delivery.pull_request
        yield PageDraft(
            space=SPACE,
            slug=_slug(f"{name_of(run.repository)}-{file.path}"),
            title=title_of(after) or file.path,
            body=after,
            sections=changed_sections(before, after),
            origin=PageOrigin(
                run_url=run_address(run), pull_request_url=opened.url if opened else ""
            ),
        )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
