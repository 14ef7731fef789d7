"""A poll begins the work on tickets that are ready, each once, wherever it is killed."""

from functools import partial

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import temporary_settings
from prefect.states import Failed
from prefect_github import GitHubCredentials

from blocks.credentials import AtlassianCredentials
from blocks.github import GitHubIssueTracker
from blocks.jira import JiraProject
from blocks.profile import DeliveryProfile
from flows.tickets_poll import tickets_poll
from mergewright.domain.events import EffectDone, FactPinned, RunFinished, RunStarted
from mergewright.domain.polling import BEGINS, TicketSeen, TicketsPollRequest
from mergewright.errors import BlockMissing, NotFound, RunInterrupted, SettingInvalid
from mergewright.events.clock import utc_now
from mergewright.events.connect import open_event_store
from mergewright.settings import settings
from mergewright.testing.crashes import Start, Traces, run_matrix
from tasks._begun_runs import begun_runs
from tasks._polled_tickets import MAX_TRIES
from tasks.outside_events import READY, read_event
from tests.clients import jira_server
from tests.clients.github_server import TOKEN, GitHubServer
from tests.flows.killed import settled

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

TICKET = "---\nkey: {key}\ntitle: Totals\nstatus: {status}\nlabels: [ready]\n---\nAdd them.\n"
QUERY = "label:ready"


def offer(name="ticket-ready", *, event=READY, profile="local"):
    """Have the server offer a deployment that works on tickets."""
    rule = {"event": event, "workflow": "standard_dev", "request": {"profile": profile}}
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("on-event")
        client.create_deployment(flow_id, name, parameters={"rule": rule})


def write(folder, **statuses):
    folder.mkdir(parents=True, exist_ok=True)
    for name, status in statuses.items():
        key = name.replace("_", "-")
        (folder / f"{key}.md").write_text(TICKET.format(key=key, status=status))


@pytest.fixture
def tickets(home):
    folder = home / "tickets"
    write(folder, T_1="to do", T_2="in review", T_3="to do", T_4="done")
    offer()
    return folder


def poll(**changes):
    report = tickets_poll(TicketsPollRequest(**{"query": QUERY} | changes))
    return {one.key: one.outcome for one in report.tickets}


def store():
    return open_event_store(settings().event_store_url)


def logged():
    return [one.event for one in store().read(types=("ticket_seen",))]


def begun_of(key):
    return [event.key for event in logged() if event.ticket == key and event.ready]


def run_of(event_id):
    with get_client(sync_client=True) as client:
        return client.read_flow_run(begun_runs(BEGINS, [event_id])[event_id].id)


def worked(key, *, outcome="delivered"):
    """Write to the log what a run leaves that moved its ticket and ended."""
    common = {"run_id": f"{key.lower()}-{len(logged())}", "at": utc_now()}
    store().append(
        [
            RunStarted(
                **common, workflow="standard_dev", request={"profile": "local"},
                request_digest="d", ticket=key, repository="/r", process="here:1",
                package_version="1",
            ),
            FactPinned(**common, key="ticket", name="ticket", value={"key": key}),
            EffectDone(**common, key="start", effect="start", target=key, found=False),
            RunFinished(**common, outcome=outcome),
        ]
    )  # fmt: skip


def test_what_is_ready_is_begun_once_and_told_by_the_log_alone(tickets):
    assert poll() == {"T-1": "begun", "T-2": "not ready", "T-3": "begun", "T-4": "not ready"}
    (event_id,) = begun_of("T-1")
    run = run_of(event_id)
    assert set(run.parameters) == {"event_id", "rule"}
    assert run.parameters["event_id"] == event_id
    assert read_event.fn(event_id, READY).said == {"ticket": "T-1"}
    assert poll() == {
        "T-1": "under way",
        "T-2": "not ready",
        "T-3": "under way",
        "T-4": "not ready",
    }
    assert len(logged()) == 2
    assert store().run_ids() == [], "what a poll saw is no run"


def test_what_was_worked_on_is_begun_again_once_it_was_elsewhere(tickets):
    poll()
    worked("T-1")
    write(tickets, T_1="in review")
    assert poll()["T-1"] == "not ready"
    write(tickets, T_1="to do")
    assert poll()["T-1"] == "begun"
    assert len(set(begun_of("T-1"))) == 2


def test_what_the_query_finds_no_more_was_elsewhere(tickets):
    poll()
    with get_client(sync_client=True) as client:
        run = run_of(begun_of("T-1")[0])
        client.set_flow_run_state(run.id, Failed(), force=True)
    text = (tickets / "T-1.md").read_text()
    (tickets / "T-1.md").write_text(text.replace("[ready]", "[]"))
    assert "T-1" not in poll()
    assert [event.ready for event in logged() if event.ticket == "T-1"] == [True, False]
    poll()
    assert len(logged()) == 3
    (tickets / "T-1.md").write_text(text)
    assert poll()["T-1"] == "begun"


def test_a_run_that_ended_before_it_began_is_begun_anew_and_given_up_at_last(tickets):
    for _ in range(MAX_TRIES):
        assert poll()["T-1"] == "begun"
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(run_of(begun_of("T-1")[-1]).id, Failed(), force=True)
    assert poll()["T-1"] == "given up"
    assert len(begun_of("T-1")) == MAX_TRIES


def test_one_poll_begins_so_many_and_each_repository_takes_so_many(tickets):
    write(tickets, T_5="to do", T_6="to do")
    assert poll(limit=1, repository="https://example.org/shop")["T-3"] == "waits"
    came = poll(repository="https://example.org/shop")
    assert came == {
        "T-1": "under way", "T-2": "not ready", "T-3": "begun", "T-4": "not ready",
        "T-5": "waits", "T-6": "waits",
    }  # fmt: skip
    assert read_event.fn(begun_of("T-3")[0], READY).said["repository"] == "https://example.org/shop"
    with store().hold("place 0 at https://example.org/other"):
        other = poll(repository="https://example.org/other.git")
    assert (other["T-5"], other["T-6"]) == ("begun", "waits")


def test_a_plan_begins_nothing(tickets):
    assert poll(dry_run=True)["T-1"] == "would be begun"
    assert logged() == []


def test_the_table_says_where_a_ticket_is_worked_on(tickets):
    offer("tabled", profile="tabled")
    rows = [{"repository": "https://example.org/shop", "project": "SHOP"}]
    DeliveryProfile(repositories=rows).save("tabled", overwrite=True)
    write(tickets, SHOP_1="to do")
    came = poll(profile="tabled", begins="on-event/tabled")
    assert (came["SHOP-1"], came["T-1"]) == ("begun", "not ready")
    (seen,) = logged()
    assert (seen.repository, seen.said) == ("https://example.org/shop", {"ticket": "SHOP-1"})


def test_what_cannot_be_begun_is_told_before_anything_is(tickets):
    offer("merged", event="mergewright.pull-request.merged")
    DeliveryProfile().save("another", overwrite=True)
    with pytest.raises(BlockMissing, match="nobody"):
        poll(profile="nobody")
    with pytest.raises(NotFound, match="'on-event/nowhere'"):
        poll(begins="on-event/nowhere")
    with pytest.raises(SettingInvalid, match=r"'mergewright\.pull-request\.merged'"):
        poll(begins="on-event/merged")
    with pytest.raises(SettingInvalid, match="works with the profile 'local', and 'another'"):
        poll(profile="another")
    with (
        store().hold("poll of local"),
        pytest.raises(RunInterrupted, match="Another poll of the tracker of 'local'"),
    ):
        poll()
    assert logged() == []


class LateGitHub(GitHubServer):
    """A GitHub whose search does not know yet that somebody works on #8."""

    def _searched_issues(self, request):
        known = self.items[8]
        self.items[8] = known | {"labels": [{"name": "ready"}]}
        try:
            return super()._searched_issues(request)
        finally:
            self.items[8] = known


def test_github_is_polled_by_labels_and_an_issue_is_looked_at_before_it_is_begun(home):
    server = LateGitHub()
    for number in (7, 8):
        server.add_issue(number, labels=[{"name": "ready"}])
    server.items[8]["labels"].append({"name": "in progress"})
    tracker = GitHubIssueTracker(
        credentials=GitHubCredentials(token=TOKEN),
        repository=server.repository,
        api_url=server.url,
        web_url=server.url,
    )
    DeliveryProfile(tracker=tracker).save("polled-github", overwrite=True)
    offer("github", profile="polled-github")
    try:
        came = poll(profile="polled-github", begins="on-event/github", query="is:open label:ready")
    finally:
        server.close()
    assert came == {"GH-7": "begun", "GH-8": "not ready"}


def test_jira_is_polled_by_jql(home):
    server = jira_server.JiraServer()
    for number in (1, 2):
        server.add_issue(f"SHOP-{number}")
    credentials = AtlassianCredentials(
        url=server.url, username=jira_server.USER, token=jira_server.TOKEN
    )
    tracker = JiraProject(credentials=credentials, project="SHOP")
    DeliveryProfile(tracker=tracker).save("polled-jira", overwrite=True)
    offer("jira", profile="polled-jira")
    jql = 'project = SHOP AND status = "To Do"'
    try:
        came = poll(profile="polled-jira", begins="on-event/jira", query=jql)
        asked = [one.query["jql"] for one in server.requests if one.path.endswith("/search/jql")]
    finally:
        server.close()
    assert came == {"SHOP-1": "begun", "SHOP-2": "begun"}
    assert asked == [jql]


def look_for_tickets(place, api):
    """Poll in a fresh process."""
    with settled(place, api):
        poll()


class Folder:
    """A ticket folder in which two tickets are ready."""

    def __init__(self, api):
        self._api = api

    def prepare(self, place):
        write(place / "home" / "tickets", T_1="to do", T_2="to do")
        log = f"sqlite:///{place / 'home' / 'events.db'}"
        return Start(run=partial(look_for_tickets, place, self._api), event_store_url=log)

    def look(self, place):
        log = open_event_store(f"sqlite:///{place / 'home' / 'events.db'}")
        seen = [one.event for one in log.read(types=("ticket_seen",))]
        log.close()
        assert all(isinstance(event, TicketSeen) for event in seen)
        # places are looked at by threads, which know no settings of a test
        with temporary_settings({"api.url": self._api}):
            runs = begun_runs(BEGINS, [event.key for event in seen])
        begun = {event.ticket: 0 for event in seen}
        for event in seen:
            begun[event.ticket] += event.key in runs
        assert begun == {"T-1": 1, "T-2": 1}
        return Traces(effects=begun, state={"seen": str(len(seen))})


@pytest.mark.journey
def test_each_ticket_is_begun_once_wherever_the_poll_is_killed(home, engine, tmp_path):
    offer()
    table = run_matrix(Folder(engine), tmp_path / "places")
    assert table.is_clean, str(table)
    assert len(table.results) == 4
