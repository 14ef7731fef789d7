import shlex

import pytest

from mergewright.cli.delivery_options import DEFAULTS
from mergewright.cli.main import app
from mergewright.cli.options import build_request, parse_approve
from mergewright.cli.resume import recorded_request, run_command
from mergewright.domain.compare_request import ComparedWorkflow, CompareRequest
from mergewright.domain.delivery import Outcome
from mergewright.domain.documentation_request import DocumentationRequest
from mergewright.domain.hotfix_request import HotfixRequest
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import Rejected, StoreFailed
from tests.cli import example_log


def ended(outcome, **options):
    run = example_log.ExampleRun("tally-7-aaaaaa", **options)
    run.finish(run.report(outcome, error="It does not work."))
    return run.events


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.REHEARSED])
def test_a_run_that_is_done_is_refused(home, mergewright, outcome):
    example_log.write(home, ended(outcome))
    done = mergewright("resume", "last")
    assert done.returncode == 8
    assert f"'tally-7-aaaaaa' is finished ({outcome})" in done.stderr
    assert "hint: See it with: mergewright show tally-7-aaaaaa\n" in done.stderr


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_READY])
def test_a_run_that_failed_for_good_is_refused_with_what_to_type(home, mergewright, outcome):
    example_log.write(home, ended(outcome))
    done = mergewright("resume", "tally", "--accept-drift")
    assert done.returncode == 8
    assert "mergewright show tally-7-aaaaaa" in done.stderr
    assert "mergewright run standard-dev TALLY-7 --repo /srv/git/tally\n" in done.stderr


def test_a_bad_budget_and_an_unknown_run_are_named(home, mergewright):
    example_log.write(home, example_log.working())
    bad = mergewright("resume", "last", "--budget-usd", "-1")
    assert bad.returncode == 2
    assert "--budget-usd -1" in bad.stderr
    assert mergewright("resume", "nope").returncode == 8
    assert mergewright("resume").returncode == 2


def test_the_request_is_the_one_of_the_last_start_with_places_that_mean_the_same_anywhere():
    events = example_log.working()
    again = events[0].model_copy(
        update={
            "request": {"ticket": "t.md", "repository": ".", "budget_usd": 7.0, "model": None},
            "ticket": "/home/ada/t.md",
            "repository": "/home/ada/tally",
        }
    )
    request = recorded_request("tally-7-cccccc", [*events, again])
    assert request.budget_usd == 7.0
    assert (request.ticket, request.repository) == ("/home/ada/t.md", "/home/ada/tally")
    assert request.model == ""


def test_a_log_that_does_not_tell_the_request_is_refused():
    events = example_log.working()
    with pytest.raises(StoreFailed, match="how the run 'x' was started"):
        recorded_request("x", events[1:])
    newer = events[0].model_copy(update={"request": {"wings": 2}})
    with pytest.raises(StoreFailed, match="cannot be read"):
        recorded_request("x", [newer])
    other = events[0].model_copy(update={"workflow": "gardening"})
    with pytest.raises(Rejected, match="gardening"):
        recorded_request("x", [other])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {
            "base": "release 1",
            "profile": "team",
            "budget_usd": 1.5,
            "model": "anthropic:claude-opus-5-5",
            "max_repair_rounds": 0,
            "dry_run": True,
            "approve": parse_approve("plan,change"),
        },
    ],
)
def test_what_to_type_for_a_new_run_is_understood(fields):
    request = build_request(
        StandardDevRequest, ticket="TALLY-7", repository="https://host/x y.git", **fields
    )
    words = shlex.split(run_command(request))
    assert words[0] == "mergewright"
    _, bound, _ = app.parse_args(words[1:], exit_on_error=False, print_error=False)
    given = dict(bound.arguments)
    repository = given.pop("repo")
    given |= given.pop("options", DEFAULTS).fields
    assert build_request(StandardDevRequest, repository=repository, **given) == request


def test_a_hotfix_goes_on_as_a_hotfix():
    first = example_log.working()[0]
    asked = {"ticket": "T-1", "repository": "/r", "base": "v1.4.2", "severity": "critical"}
    event = first.model_copy(update={"workflow": "hotfix", "request": asked})
    request = recorded_request("t-1-cccccc", [event])
    assert isinstance(request, HotfixRequest)
    assert (request.base, request.severity.value) == ("v1.4.2", "critical")
    command = run_command(request.model_copy(update={"main": "trunk"}))
    assert command.startswith("mergewright run hotfix ")
    for option in ("--base v1.4.2", "--severity critical", "--main trunk"):
        assert option in command


def test_a_comparison_goes_on_with_its_script_and_its_means():
    first = example_log.working()[0]
    asked = {
        "ticket": "T-1",
        "repository": "/r",
        "script": "/opt/old one.sh",
        "compared": "hotfix",
        "network": True,
        "variables": ["A", "B"],
        "may_read": ["/opt/lib"],
    }
    event = first.model_copy(update={"workflow": "compare", "request": asked})
    request = recorded_request("t-1-cccccc", [event])
    assert isinstance(request, CompareRequest)
    assert (request.dry_run, request.base, request.policy_name()) == (True, "", "hotfix")
    words = shlex.split(run_command(request))
    assert words[:2] == ["mergewright", "compare"]
    _, bound, _ = app.parse_args(words[1:], exit_on_error=False, print_error=False)
    assert bound.arguments["baseline"] == "/opt/old one.sh"
    assert bound.arguments["workflow"] is ComparedWorkflow.HOTFIX
    assert bound.arguments["variable"] == ("A", "B")
    assert bound.arguments["may_read"] == ("/opt/lib",)
    assert bound.arguments["network"] is True


def test_a_documentation_run_goes_on_without_a_ticket():
    first = example_log.working()[0]
    asked = {"repository": "/r", "docstrings": True, "since": "abcdef0"}
    update = {"workflow": "documentation", "request": asked, "ticket": "documentation"}
    request = recorded_request("d-1-cccccc", [first.model_copy(update=update)])
    assert isinstance(request, DocumentationRequest)
    command = run_command(request)
    assert command.startswith(f"mergewright run documentation --repo {first.repository}")
    assert "--docstrings" in command
    assert "--since abcdef0" in command
