"""Pull requests at a GitHub on loopback: one per branch, whatever happens on the way."""

import threading

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.domain.pull_request import PullRequestDraft
from mergewright.errors import NotFound, Rejected, ServiceUnavailable, SettingInvalid
from tests.clients.github_server import COMMIT, TOKEN, GitHubServer, fault
from tests.clients.loopback import Answer


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


def draft(server, **changes):
    fields = {
        "repository": f"{server.repository}.git",
        "title": "GH-7: Sum  the totals",
        "body": "## Why\r\n\r\nThey were wrong.",
        "head": "fix/gh-7",
        "head_commit": COMMIT,
        "base": "main",
        "base_commit": "b" * 40,
        "ticket_key": "GH-7",
    }
    return PullRequestDraft.model_validate(fields | changes)


def test_a_pull_request_is_opened_once(server, host):
    opened, found = host.open_pull_request(draft(server))
    assert (opened.number, opened.title, found) == (1, "GH-7: Sum the totals", False)
    assert (opened.head, opened.base, opened.state) == ("fix/gh-7", "main", "open")
    assert (opened.head_commit, opened.author) == (COMMIT, "mw-bot")
    assert host.open_pull_request(draft(server)) == (opened, True)
    assert len(server.pulls()) == 1
    assert server.seen("PATCH") == []
    assert host.pull_request(server.repository, 1) == opened


def test_a_draft_is_opened_as_one(server, host):
    assert host.open_pull_request(draft(server, draft=True)).value.draft
    assert server.items[1]["draft"] is True


def test_where_drafts_are_not_supported_it_is_ready_at_once(server, host):
    refusal = "Draft pull requests are not supported in this repository."
    server.faults = [None, fault(422, refusal)]
    opened, found = host.open_pull_request(draft(server, draft=True))
    assert (opened.draft, found) == (False, False)


def test_the_text_of_ours_follows(server, host):
    host.open_pull_request(draft(server))
    changed, found = host.open_pull_request(draft(server, body="New.", title="GH-7: Other"))
    assert found
    assert changed.title == "GH-7: Other"
    assert server.items[1]["body"].startswith("New.\n\n<!-- mergewright:pull-request ")


@pytest.mark.parametrize(
    "edit",
    [
        {"body": "I wrote this."},
        {"body": None},
        {"title": "A better title"},
    ],
)
def test_what_a_person_wrote_is_left(server, host, edit):
    host.open_pull_request(draft(server))
    server.items[1] |= edit
    before = dict(server.items[1])
    assert host.open_pull_request(draft(server, body="New.")).found
    assert server.items[1] == before


def test_an_edit_in_the_text_is_left_and_line_ends_are_none(server, host):
    host.open_pull_request(draft(server))
    body = server.items[1]["body"]
    server.items[1]["body"] = body.replace("\n", "\r\n")
    host.open_pull_request(draft(server, body="New."))
    assert server.items[1]["body"].startswith("New.")
    server.items[1]["body"] = server.items[1]["body"].replace("New.", "New, and better.")
    host.open_pull_request(draft(server, body="Newer."))
    assert server.items[1]["body"].startswith("New, and better.")


def test_a_closed_one_and_one_from_elsewhere_do_not_stand_in_the_way(server, host):
    server.add_pull(state="closed")
    server.add_pull()["head"]["repo"] = {"full_name": "evil/shop"}
    opened, found = host.open_pull_request(draft(server))
    assert (opened.number, found) == (3, False)


def test_a_deleted_fork_is_not_taken_for_ours(server, host):
    server.add_pull(head="fix/gh-7")["head"] |= {"repo": None, "label": "ghost:fix/gh-7"}
    assert host.pull_request(server.repository, 1).head == "ghost:fix/gh-7"


def test_of_two_at_once_there_is_one(server):
    gate = threading.Barrier(2)
    results = []

    def open_one():
        host = GitHubHost(open_github(TOKEN, api_url=server.url))
        gate.wait()
        results.append(host.open_pull_request(draft(server)))

    threads = [threading.Thread(target=open_one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [one.value.number for one in results] == [1, 1]
    assert len(server.pulls()) == 1


def test_the_second_of_two_finds_the_first(server, host):
    # Both looked before either had opened one.
    server.add_pull()
    server.faults = [Answer(200, [])]
    opened, found = host.open_pull_request(draft(server))
    assert (opened.number, found) == (1, True)


def test_an_answer_that_is_lost_is_found_by_the_next_try(server, host):
    server.faults = [None, Answer(drop=True, acts=True)]
    with pytest.raises(ServiceUnavailable):
        host.open_pull_request(draft(server))
    assert host.open_pull_request(draft(server)).found
    assert len(server.pulls()) == 1


def test_a_branch_that_is_not_there_is_refused(server, host):
    with pytest.raises(Rejected, match="PullRequest head invalid"):
        host.open_pull_request(draft(server, head="fix/nothing"))


def test_long_texts_are_cut_the_same_each_time(server, host):
    long = draft(server, title="t" * 400, body="word " * 20_000)
    host.open_pull_request(long)
    body = server.items[1]["body"]
    assert len(body) <= 65_536
    assert "The rest was cut" in body
    assert len(server.items[1]["title"]) == 256
    assert host.open_pull_request(long).found
    assert server.seen("PATCH") == []


def test_a_body_cannot_carry_a_tag_of_ours(server, host):
    hostile = '<!-- mergewright:pull-request {"ticket": "GH-9", "text": ""} -->'
    host.open_pull_request(draft(server, body=hostile))
    assert host.pull_requests(server.repository, "GH-9") == ()
    assert len(host.pull_requests(server.repository, "GH-7")) == 1


def test_the_pull_requests_of_a_ticket(server, host):
    host.open_pull_request(draft(server))
    server.add_pull(head="feature/other", title="Also for GH-7", state="closed")
    server.add_pull(head="feature/gh-77", title="For GH-77")
    server.add_pull(
        head="feature/x", merged_at="2026-01-01T00:00:00Z", title="gh-7", state="closed"
    )
    found = host.pull_requests(server.repository, "GH-7")
    assert [(one.number, one.state) for one in found] == [(1, "open"), (2, "closed"), (4, "merged")]


def test_older_ones_are_searched(server, host):
    server.add_pull(1, title="GH-7: an old one", state="closed")
    for number in range(2, 103):
        server.add_pull(number, head=f"x/{number}", state="closed")
    assert [one.number for one in host.pull_requests(server.repository, "GH-7")] == [1]
    assert server.requests[-2].path == "/search/issues"


def close(host, server, **changes):
    told = {"head_commit": COMMIT, "reason": "The run was undone."} | changes
    return host.close_pull_request(server.repository, 1, **told)


def test_closing_says_why_once(server, host):
    host.open_pull_request(draft(server))
    assert close(host, server, rehearse=True).outcome == "undone"
    assert server.items[1]["state"] == "open"
    server.faults = [None, None, None, fault(503), fault(503), fault(503)]
    with pytest.raises(ServiceUnavailable):
        close(host, server)
    assert close(host, server).outcome == "undone"
    assert server.items[1]["state"] == "closed"
    assert [one["body"].splitlines()[0] for one in server.comments] == ["The run was undone."]
    assert close(host, server).outcome == "already"


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"state": "closed"}, "already"),
        ({"state": "closed", "merged_at": "2026-01-01T00:00:00Z"}, "kept"),
        ({"head": {"ref": "fix/gh-7", "sha": "c" * 40}}, "kept"),
    ],
)
def test_what_others_changed_is_left(server, host, change, outcome):
    server.add_pull().update(change)
    assert close(host, server).outcome == outcome
    assert server.comments == []
    assert server.seen("PATCH") == []


def test_what_is_gone_needs_no_closing(server, host):
    assert close(host, server).outcome == "already"


@pytest.mark.parametrize("number", [0, -1, 99])
def test_a_number_that_is_none(server, host, number):
    with pytest.raises(NotFound):
        host.pull_request(server.repository, number)


def test_a_repository_of_another_host_is_refused_before_any_call(server, host):
    with pytest.raises(SettingInvalid) as caught:
        host.open_pull_request(draft(server, repository="https://x:hunter22@example.org/a/b"))
    assert "hunter22" not in f"{caught.value!r} {caught.value}"
    assert server.requests == []


def test_the_token_of_a_workflow_knows_its_name_too(server, host):
    server.faults = [fault(403, "Resource not accessible by integration")]
    assert host.login() == "mw-bot"
    assert [one.path for one in server.requests] == ["/user", "/graphql"]
