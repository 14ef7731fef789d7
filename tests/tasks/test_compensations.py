"""Taking one effect back, where the log or the world is not as a finished run leaves them."""

import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.profile import DeliveryProfile
from mergewright.clients.console import Console
from mergewright.clients.folder_tracker import FolderTracker
from mergewright.clients.folder_wiki import FolderWiki
from mergewright.clients.local_forge import LocalForge
from mergewright.domain.delivery import Run
from mergewright.domain.page import PageDraft
from mergewright.domain.pull_request import PullRequestDraft
from mergewright.domain.ticket import StatusCategory
from mergewright.domain.undo import UndoneEffect, UndoStep
from mergewright.errors import Rejected
from mergewright.events.journal import utc_now
from tasks._compensations import Place, compensate

BRANCH = "fix/t-1"
DRAFT = PageDraft(space="deliveries", slug="t-1", title="T-1", body="What changed.")


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    command = ["git", *identity, "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "first")
    git(folder, "branch", BRANCH)
    return folder


@pytest.fixture
def undo(home, repository):
    """Return what takes one effect back, by what the log holds of it."""
    run = Run(
        id="t-1-abcdef",
        workflow="standard_dev",
        profile="local",
        ticket="T-1",
        repository=str(repository),
        base="main",
        model=None,
        budget_usd=Decimal(0),
        started_at=utc_now(),
    )

    def take_back(effect, target, *, so_far=(), rehearse=False, done=True, **fields):
        step = UndoStep(key=f"{effect}:{target}", effect=effect, target=target, done=done, **fields)
        place = Place(run, DeliveryProfile(), tuple(so_far), rehearse)
        return compensate(place, step)

    return take_back


def came(effect, outcome, target=BRANCH):
    return UndoneEffect(effect=effect, target=target, outcome=outcome, reason="so it is")


def branch(undo, repository, before=None, **fields):
    commit = git(repository, "rev-parse", "main")
    return undo("branch", BRANCH, before={"commit": before}, wanted={"commit": commit}, **fields)


def test_a_branch_that_a_kept_pull_request_is_meant_for_stays(undo, repository):
    wanted = {"commit": git(repository, "rev-parse", "main"), "is_base": True}
    kept = [came("pull request", "kept", "hotfix/t-1")]
    fields = {"before": {"commit": None}, "wanted": wanted}
    assert undo("branch", BRANCH, so_far=kept, **fields).outcome == "kept"
    gone = [came("pull request", "undone", "hotfix/t-1")]
    assert undo("branch", BRANCH, so_far=gone, **fields).outcome == "undone"


def test_a_branch_that_was_pushed_before_the_run_was_killed_is_deleted(undo, repository):
    assert branch(undo, repository, done=False).outcome == "undone"
    assert git(repository, "branch", "--list", BRANCH) == ""
    assert branch(undo, repository, done=False).outcome == "already"


def test_a_branch_that_was_there_before_stays(undo, repository):
    assert branch(undo, repository, before="c" * 40).outcome == "already"
    assert BRANCH in git(repository, "branch", "--list", BRANCH)


def test_a_branch_stays_with_its_pull_request(undo, repository):
    so_far = [came("pull request", "kept")]
    assert branch(undo, repository, so_far=so_far).outcome == "kept"
    so_far = [came("pull request", "kept", "fix/another"), came("page", "kept")]
    assert branch(undo, repository, so_far=so_far, rehearse=True).outcome == "undone"


def open_one(home, repository, commit):
    forge = LocalForge(fallback=home / "pull-requests")
    draft = PullRequestDraft(
        repository=str(repository),
        title="T-1",
        body="x",
        head=BRANCH,
        head_commit=commit,
        base="main",
        base_commit="b",
        ticket_key="T-1",
    )
    return forge.open_pull_request(draft).value


def test_a_pull_request_without_an_outcome_is_found_by_its_branch(undo, home, repository):
    commit = git(repository, "rev-parse", "main")
    trace = {"wanted": {"ticket_key": "T-1", "head_commit": commit}, "done": False}
    none = undo("pull request", BRANCH, before={"number": None}, **trace)
    assert (none.outcome, none.reason) == ("already", "None is open.")
    opened = open_one(home, repository, commit)
    assert undo("pull request", BRANCH, before={"number": 1}, **trace).outcome == "kept"
    assert undo("pull request", BRANCH, before={"number": None}, **trace).outcome == "undone"
    assert "state: closed" in Path(opened.url.removeprefix("file://")).read_text()


def test_a_page_without_an_outcome_is_ours_only_if_it_is_newer_than_before(undo, home):
    wiki = FolderWiki(home / "pages")
    wiki.publish(DRAFT.model_copy(update={"body": "Of others."}))
    trace = {"wanted": {"draft": DRAFT.model_dump()}, "before": {"version": 1}, "done": False}
    assert undo("page", "deliveries/t-1", **trace).outcome == "already"
    wiki.publish(DRAFT)
    assert undo("page", "deliveries/t-1", **trace).outcome == "undone"
    assert wiki.page(DRAFT).version == 3
    assert "Of others." in (home / "pages" / "deliveries" / "t-1.md").read_text()


def test_a_page_that_said_the_same_before_is_left_alone(undo, home):
    page = FolderWiki(home / "pages").publish(DRAFT).value
    same = undo(
        "page",
        "deliveries/t-1",
        before={"version": 1},
        wanted={"draft": DRAFT.model_dump()},
        result={"value": page.model_dump()},
    )
    assert same.outcome == "already"


def test_a_ticket_goes_back_to_where_it_was(undo, home):
    tracker = FolderTracker(home / "tickets")
    tracker.folder.mkdir(parents=True)
    ticket = "---\nkey: T-1\ntitle: t\nstatus: in review\n---\nText\n"
    (tracker.folder / "T-1.md").write_text(ticket)
    trace = {"before": {"status": "in progress"}, "wanted": {"status": "in review"}}
    assert undo("transition", "T-1", result={"value": "done"}, **trace).outcome == "kept"
    assert undo("transition", "T-1", done=False, **trace).outcome == "undone"
    assert tracker.ticket("T-1").status is StatusCategory.IN_PROGRESS


def message(undo, **fields):
    wanted = {"marker": "t-1-delivered", "subject": "T-1 delivered"}
    return undo("message", "delivered", wanted=wanted, **fields)


def test_people_are_corrected_once_and_only_if_something_was_taken_back(undo, home):
    Console(home / "mailbox")
    kept, gone = came("page", "kept"), came("branch", "undone")
    assert message(undo, so_far=[kept]).outcome == "kept"
    assert message(undo, so_far=[kept, gone], rehearse=True).outcome == "impossible"
    assert not (home / "mailbox").exists()
    first = message(undo, so_far=[kept, gone])
    assert message(undo, so_far=[gone]) == first
    (mail,) = (home / "mailbox").glob("*.eml")
    assert first == ("impossible", first.reason, mail.as_uri())


@pytest.mark.parametrize(
    "effect",
    [
        *("branch", "pull request", "page", "comment", "transition", "progress", "start"),
        *("ticket link", "labels", "reviewers", "assignment", "gates"),
    ],
)
def test_an_effect_of_which_the_log_tells_too_little_is_refused(undo, effect):
    with pytest.raises(Rejected, match="does not tell") as caught:
        undo(effect, "x")
    assert caught.value.hint


def test_an_unknown_effect_is_refused(undo):
    with pytest.raises(Rejected, match="'moon landing'"):
        undo("moon landing", "x")


def commit_on_branch(repository):
    first = git(repository, "rev-parse", BRANCH)
    made = git(repository, "commit-tree", f"{first}^{{tree}}", "-p", first, "-m", "further")
    git(repository, "update-ref", f"refs/heads/{BRANCH}", made)
    return first, made


def test_a_further_commit_is_taken_off_the_branch_unless_others_went_on(undo, repository):
    first, made = commit_on_branch(repository)
    trace = {"before": {"commit": first}, "wanted": {"branch": BRANCH, "commit": made}}
    target = f"{BRANCH}@{made[:12]}"
    _, theirs = commit_on_branch(repository)
    kept = undo("commit", target, **trace)
    assert (kept.outcome, theirs[:12] in kept.reason) == ("kept", True)
    git(repository, "update-ref", f"refs/heads/{BRANCH}", made)
    assert undo("commit", target, **trace, rehearse=True).outcome == "undone"
    assert git(repository, "rev-parse", BRANCH) == made
    assert undo("commit", target, **trace).outcome == "undone"
    assert git(repository, "rev-parse", BRANCH) == first
    assert undo("commit", target, **trace).outcome == "already"
    git(repository, "branch", "-D", BRANCH)
    assert undo("commit", target, **trace).outcome == "already"


def test_a_text_is_put_back_only_while_the_pull_request_is_ours_and_open(undo, home, repository):
    commits = [letter * 40 for letter in "abc"]
    texts = [
        PullRequestDraft(
            repository=str(repository), title="T-1", body=f"Text of {commit}", head=BRANCH,
            head_commit=commit, base="main", base_commit="b", ticket_key="T-1",
        )
        for commit in commits
    ]  # fmt: skip
    forge = LocalForge(fallback=home / "pull-requests")
    path = Path(forge.open_pull_request(texts[2]).value.url.removeprefix("file://"))
    before, wanted = ({"number": 1, "draft": draft.model_dump()} for draft in texts[:2])
    trace = {"before": before, "wanted": wanted}
    assert undo("pull request text", "#1", **trace).outcome == "kept"
    forge.open_pull_request(texts[1])
    assert undo("pull request text", "#1", **trace, rehearse=True).outcome == "undone"
    assert commits[1] in path.read_text()
    assert undo("pull request text", "#1", **trace).outcome == "undone"
    assert f"Text of {commits[0]}" in path.read_text()
    path.write_text(path.read_text().replace("state: open", "state: merged"))
    assert undo("pull request text", "#1", **trace).outcome == "kept"
    assert len(list(path.parent.glob("*.md"))) == 1


def test_a_remark_is_removed_and_a_workflow_without_a_number_is_kept(undo, home, repository):
    open_one(home, repository, "a" * 40)
    forge = LocalForge(fallback=home / "pull-requests")
    forge.remark(str(repository), 1, "Done.", marker="t-1-abcdef")
    wanted = {
        "repository": str(repository), "number": 1, "marker": "t-1-abcdef", "body": "Done.",
    }  # fmt: skip
    assert undo("remark", "#1:x", wanted=wanted).outcome == "undone"
    assert undo("remark", "#1:x", wanted=wanted).outcome == "already"
    assert undo("workflow", "ci.yml@a", done=False).outcome == "kept"
    assert undo("workflow", "ci.yml@a", result={"value": {"id": 0}}).outcome == "kept"
    assert undo("workflow", "ci.yml@a", result={"value": {"id": 7}}).outcome == "already"
