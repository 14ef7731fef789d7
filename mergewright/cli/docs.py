"""Looking at the documentation of a repository: no model, no run, and nothing is executed."""

from typing import Annotated

from cyclopts import App, Parameter
from rich.text import Text

from mergewright.cli.exit_codes import CHECK_FAILED, OK
from mergewright.cli.formats import count, plain
from mergewright.cli.output import human_console, print_json
from mergewright.clients import mirrors, trees
from mergewright.clients.documentation import DocumentationExaminer
from mergewright.clients.fact_store import FactStore
from mergewright.domain.documentation import DocumentationState
from mergewright.domain.workflow_policy import load_policy
from mergewright.safety.documents import documents_by
from mergewright.safety.policy import DEFAULT_PROTECTED_PATHS
from mergewright.safety.repository_policy import FILE_NAME, RepositoryPolicy
from mergewright.settings import settings

app = App(name="docs", help="Look at the documentation of a repository.")


@app.command
def check(
    repo: str,
    /,
    *,
    base: str = "main",
    since: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Say what the documentation of a repository says that is not true.

    Links, anchors, names and code blocks are held against the code of the last commit; code blocks
    are read and not run. Ends with 1 where something is found.

    Args:
        repo: Path or URL of the git repository.
        base: Branch that is looked at.
        since: Commit at which the documentation was last true; without it, the last one that touched
            a document.
        json: Print what is found as JSON.
    """
    home = settings().home
    mirror = mirrors.ensure_mirror(repo, home / "mirrors")
    commit = mirrors.resolve_base(mirror, base)
    told = trees.read_blob(mirror, commit, FILE_NAME) or b""
    rules = RepositoryPolicy.parse(told.decode("utf-8", "replace")).documentation
    is_document = documents_by(load_policy("documentation"), rules, DEFAULT_PROTECTED_PATHS)
    with FactStore(home / "facts.db") as store:
        state = DocumentationExaminer(mirror, is_document, store).examine(commit, since=since)
    if json:
        print_json(state.model_dump(mode="json"))
    else:
        _print(state)
    return OK if state.is_true else CHECK_FAILED


def _print(state: DocumentationState) -> None:
    console = human_console(as_json=False)
    for finding in state.findings:
        console.print(Text(plain(finding.told())), soft_wrap=True)
    since = f" since {state.documented_commit[:12]}" if state.documented_commit else ""
    console.print(
        f"{count(len(state.findings), 'finding')} in {count(len(state.documents), 'document')}; "
        f"{count(state.commits_since, 'commit')}{since}"
    )
    for one in state.unseen:
        console.print(f"Not looked at: {one}", style="yellow")
