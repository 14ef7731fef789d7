"""Each workflow from the form of both UIs, watched and answered in a browser, over a restart."""

from pathlib import Path

import pytest
from playwright.sync_api import Error, expect
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.journeys import documentation_answers, hotfix_answers
from tests.journeys.places import DEMO, MODEL, Shop, git
from tests.journeys.prefect_pages import STEP_SECONDS, NewerPages, OlderPages, chromium
from tests.journeys.serving import ask_server, free_port, kill_all, serving
from tests.journeys.three_repositories import reply

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1500)]

ADA, BO = "Ada <ada@example.org>", "Bo <bo@example.org>"
OF_ALL = (
    ("Delivery profile", "choice"), ("Budget in USD", "number"), ("Ask for approval", "choice"),
    ("Model", "text"), ("Repair rounds", "number"), ("Dry run", "switch"),
    ("Start afresh", "switch"), ("Accept drift", "switch"), ("On failure", "choice"),
    ("Requested by", "text"),
)  # fmt: skip
FORMS = {
    "standard-dev": (
        ("Ticket", "text"), ("Repository", "text"), ("Base branch", "text"),
        *OF_ALL, ("run_id", "text"),
    ),
    "hotfix": (
        ("Ticket", "text"), ("Repository", "text"), ("Release", "text"), ("Severity", "choice"),
        ("Main branch", "text"), *OF_ALL, ("run_id", "text"),
    ),
    "documentation": (
        ("Repository", "text"), ("Base branch", "text"), ("True until", "text"),
        ("Docstrings", "switch"), *OF_ALL, ("Name", "text"), ("run_id", "text"),
    ),
}  # fmt: skip
"""What a person is asked, from top to bottom, and how it is filled in."""
FIRST_STEP = "Say hello to Zoe first."
BAD_STEPS = f"# Ideas\n\n1. {FIRST_STEP}"
HOTFIX = "Hotfix GREET-1 of v1.4.2"
STANDARD_DEV = "TALLY-7 in tally"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Three repositories, and an address for a Prefect server that is not started yet."""
    folder = tmp_path_factory.mktemp("prefect-ui")
    git(folder, "clone", "--quiet", "--branch", "main", str(DEMO / "tally.bundle"), "tally")
    (folder / "TALLY-7.md").write_bytes((DEMO / "TALLY-7.md").read_bytes())
    for name in ("released", "described"):
        (folder / name).mkdir()
    hotfix_answers.make_repository(folder / "released" / "greet")
    hotfix_answers.make_ticket(folder / "released" / "GREET-1.md")
    documents = folder / "described" / "lib"
    documentation_answers.make_repository(documents)
    documentation_answers.rename(documents)
    with MessagesServer(reply) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_BASE_URL", server.url)
        patch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        api = f"http://127.0.0.1:{free_port()}/api"
        yield Shop(folder / "home", folder / "tally", folder / "TALLY-7.md", api)
    settings.cache_clear()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as context:
        yield context


def opened(browser, shop, kind):
    """Open one of the UIs in a tab of its own."""
    server = shop.api.removesuffix("/api")
    return kind(browser.new_page(), server, shop.home.parent / "pictures")


def test_runs_are_begun_watched_and_approved_in_the_browser(place, browser):
    older, newer = (opened(browser, place, kind) for kind in (OlderPages, NewerPages))
    with serving(place) as served:
        deployments = {name: deployment_of(place, name) for name in FORMS}
        for pages in (older, newer):
            for name, deployment in deployments.items():
                look_at_the_form(pages, name, deployment)
        begin_all(place, older, newer, deployments)
        watch_to_the_end(newer, "Documentation of lib")
        for pages, name in ((older, HOTFIX), (newer, STANDARD_DEV)):
            pages.open_run(name)
            pages.wait_for_state("Suspended")
        kill_all(served)
    with serving(place):
        approve_the_hotfix(older)
        approve_another_plan(newer)
        for pages, name in ((older, "Hotfix"), (newer, "TALLY-7")):
            pages.wait_for_state("Completed")
            pages.keep_picture(f"end of {name}")
        look_at_artifacts(newer, "plan-tally-7", "change-tally-7", "gates-tally-7", "costs-tally-7")
    look_at_the_log(place)


def deployment_of(shop, name):
    return ask_server(shop.api, "GET", f"deployments/name/{name}/default")


def look_at_the_form(pages, workflow, deployment):
    """See that everything is asked by a field, in order, with a word about it; and bounds hold."""
    pages.open_form(deployment["id"])
    titles = [title for title, _ in FORMS[workflow]]
    assert [title for title in pages.titles() if title in titles] == titles
    assert [(title, pages.kind(title)) for title in titles] == list(FORMS[workflow])
    assert not pages.has_editors()
    (fields,) = (
        one["properties"]
        for one in deployment["parameter_openapi_schema"]["definitions"].values()
        if "properties" in one
    )
    # a choice whose title is that of its kind has none of its own
    told = {field.get("title", name.capitalize()) for name, field in fields.items()}
    assert told == set(titles) - {"run_id"}
    for field in fields.values():
        pages.see(field["description"].partition("<")[0])
    # the older UI offers to add one until it has read which there are
    profile = pages.control("Delivery profile")
    expect(profile).to_have_text("local", timeout=STEP_SECONDS * 1000)
    pages.fill(titles[0], "X-1")
    pages.fill("Budget in USD", "0")
    pages.submit()
    pages.see("minimum of 0")
    pages.keep_picture(f"form of {workflow}")


def begin_all(shop, older, newer, deployments):
    """Begin one run of each workflow by its form."""
    older.open_form(deployments["hotfix"]["id"])
    released = shop.home.parent / "released"
    fill_in(older, released / "greet", ticket=released / "GREET-1.md")
    older.fill("Release", "v1.4.2")
    assert older.choose("Severity", "critical") == ["critical", "high", "medium", "low"]
    begin(older)
    newer.open_form(deployments["documentation"]["id"])
    fill_in(newer, shop.home.parent / "described" / "lib")
    begin(newer)
    newer.open_form(deployments["standard-dev"]["id"])
    fill_in(newer, shop.repository, ticket=shop.ticket)
    assert newer.choose_several("Ask for approval", "plan") == ["plan", "change", "publish"]
    newer.choose("Delivery profile", "local")
    begin(newer)


def fill_in(pages, repository: Path, ticket: Path | None = None):
    if ticket:
        pages.fill("Ticket", str(ticket))
    pages.fill("Repository", str(repository))
    pages.fill("Model", MODEL)
    pages.fill("Requested by", BO)


def begin(pages):
    pages.submit()
    pages.page.wait_for_url(lambda address: not address.endswith("/run"))


def watch_to_the_end(pages, name):
    """Watch a run until it is completed, and look at what it did."""
    pages.open_run(name)
    pages.wait_for_state("Completed")
    pages.open_tab("Logs")
    pages.see("Write the documentation: 2 files, 6 lines changed")
    pages.see("Gate Documents only: passed")
    pages.keep_picture("logs")
    pages.open_tab("Task Runs")
    for task in ("Look for what is not true", "Write the documentation", "Open the pull request"):
        pages.see(task)
    pages.keep_picture("tasks")
    look_at_artifacts(pages, "plan-documentation", "change-documentation")
    pages.open_artifact("report-documentation")
    pages.see("The documents name")
    pages.keep_picture("report")


def look_at_artifacts(pages, *keys):
    pages.open_tab("Artifacts")
    for key in keys:
        pages.see(key)
    pages.keep_picture("artifacts")


# The run may not wait again yet, and a busy server may say that its database is locked: then a
# person comes back.
said_again = retry(stop=stop_after_attempt(5), retry=retry_if_exception_type(Error), reraise=True)


@said_again
def approve_the_hotfix(pages):
    """Say yes to the change of the hotfix, which is readable above the form."""
    pages.open_run(HOTFIX)
    pages.open_answer()
    pages.see("Change for GREET-1")
    pages.see('return f"Hello, {name}!"')
    pages.keep_picture("question about a change")
    pages.choose("Decision", "approve")
    pages.fill("Your name", ADA)
    pages.fill("Comment or reason", "Ship it.")
    pages.answer()


def approve_another_plan(pages):
    """Change the plan in the form: what cannot be read comes back with what was typed."""
    document = approve_plan(pages, "Plan for TALLY-7", "# Steps\n\n1. ", f"{BAD_STEPS}\n2. ")
    assert document.startswith("# Summary\n\nSplit by whole cents")
    told = "there is no part 'Ideas' in a plan"
    document = approve_plan(pages, told, "# Ideas", "# Steps")
    assert FIRST_STEP in document


@said_again
def approve_plan(pages, told, old, new):
    """Read what is told, and say yes to the plan with something changed; return what it was."""
    pages.open_run(STANDARD_DEV)
    pages.open_answer()
    pages.see(told)
    document = pages.control("Plan").input_value()
    pages.keep_picture(f"before {new[:7]}")
    pages.choose("Decision", "approve")
    pages.fill("Your name", ADA)
    pages.fill("Plan", document.replace(old, new))
    pages.answer()
    return document


def look_at_the_log(shop):
    decided = {one.point: one for one in shop.events("approval_decided")}
    assert {one.door for one in decided.values()} == {"form"}
    assert decided["change"].comment == "Ship it."
    assert decided["change"].by == ADA
    assert decided["plan"].plan["steps"][0] == FIRST_STEP
    ends = [one.report for one in shop.events("run_finished")]
    delivered = {one["workflow"] for one in ends if one["outcome"] == "delivered"}
    assert delivered == {"standard_dev", "hotfix", "documentation"}
    plans = [one["plan"] for one in ends if one["workflow"] == "standard_dev"]
    assert plans[-1]["steps"][0] == FIRST_STEP
    assert len(shop.pull_requests()) == 1
    assert len({one.run_id for one in shop.events("run_started")}) == 3
    assert {one.request["profile"] for one in shop.events("run_started")} == {"local"}
