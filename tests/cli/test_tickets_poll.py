"""What a person is told of a poll."""

import io

from rich.console import Console

from mergewright.cli.tickets_poll import print_polled
from mergewright.domain.polling import PolledTicket, TicketsPollReport


def shown(*tickets, **fields):
    stream = io.StringIO()
    report = TicketsPollReport(
        **{"query": "label:ready", "profile": "local", "dry_run": False, "tickets": tickets}
        | fields
    )
    print_polled(Console(file=stream, width=100, highlight=False), report)
    return stream.getvalue().strip()


def ticket(key, outcome, reason):
    return PolledTicket(key=key, outcome=outcome, reason=reason)


def test_each_ticket_is_told_with_what_became_of_it():
    told = shown(
        ticket("T-1", "begun", "standard_dev works on it."),
        ticket("T-2", "not ready", "It is in\x1b[2J review."),
    )
    lines = [line.split() for line in told.splitlines()]
    assert lines[0] == ["ticket", "came", "out", "why"]
    assert lines[1][:2] == ["T-1", "begun"]
    assert "\x1b" not in told
    assert lines[-1] == ["1", "ticket", "begun."]


def test_a_plan_and_a_query_that_finds_too_much_or_nothing_say_so():
    planned = ticket("T-1", "would be begun", "It is ready for hotfix.")
    told = shown(planned, dry_run=True, more=True)
    assert told.endswith(
        "1 ticket would be begun. The query finds more than a poll looks at: narrow it."
    )
    assert shown() == "No ticket is found by: label:ready"


def test_without_a_server_nobody_could_work_on_them(process):
    done = process("tickets", "poll", "label:ready")
    assert done.returncode == 2
    assert "PREFECT_API_URL is not set" in done.stderr
    assert "mergewright serve" in done.stderr
