"""Several channels behind one port: one that fails harms neither the run nor another channel."""

import json

import pytest

from mergewright.clients.console import Console
from mergewright.clients.mail import Mailer
from mergewright.clients.mail_server import MailServer
from mergewright.clients.messengers import Messengers
from mergewright.clients.ports import Effect
from mergewright.clients.slack import SlackChannel
from mergewright.domain.notice import Notice
from mergewright.errors import Rejected, ServiceUnavailable
from tests.clients.loopback import Answer
from tests.clients.slack_server import TOKEN, SlackServer
from tests.clients.smtp_server import SmtpServer, close

NOTICE = Notice(subject="SHOP-7 delivered", body="All **green**.")
LATER = Notice(subject="SHOP-7 delivered, seen", body="All good.")


class Broken:
    """A messenger of somebody else's package, with a bug."""

    def send(self, notice, *, marker, thread=""):
        raise ZeroDivisionError("token xoxb-1234567890-abc")

    def update(self, reference, notice):
        raise ZeroDivisionError


@pytest.fixture
def slack():
    server = SlackServer()
    yield server
    server.close()


@pytest.fixture
def smtp():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture
def channels(slack, smtp, tmp_path):
    server = MailServer("127.0.0.1", smtp.port, "none", timeout_seconds=5)
    return {
        "slack": SlackChannel(TOKEN, "C1", base_url=slack.base_url, timeout_seconds=5),
        "mail": Mailer(server, "m@example.org", ["ada@example.org", "gone@example.org"]),
        "console": Console(tmp_path / "mailbox", quiet=True),
    }


def test_all_are_told_and_each_goes_on_in_its_own_thread(channels, slack, smtp, tmp_path):
    messengers = Messengers(channels)
    first = messengers.send(NOTICE, marker="a")
    assert not first.found
    assert set(json.loads(first.value)) == {"slack", "mail", "console"}
    messengers.send(LATER, marker="b", thread=first.value)
    assert slack.messages[1]["thread_ts"] == slack.messages[0]["ts"]
    assert smtp.taken[1].message["In-Reply-To"] == json.loads(first.value)["mail"]
    assert len(list((tmp_path / "mailbox").glob("*.eml"))) == 2
    messengers.update(first.value, LATER)
    assert slack.messages[0]["text"] == "SHOP-7 delivered, seen"
    assert len(smtp.taken) == 2
    assert messengers.take_notes() == ()


def test_a_channel_that_fails_is_noted_and_the_others_are_told(channels, slack, smtp):
    smtp.faults["CONNECT"] = ["554 go away"]
    messengers = Messengers({"broken": Broken(), **channels})
    told = messengers.send(NOTICE, marker="a")
    assert set(json.loads(told.value)) == {"slack", "console"}
    broken, mail = messengers.take_notes()
    assert broken.startswith("broken: not told: The messenger 'broken' broke: ZeroDivisionError")
    assert "xoxb" not in broken
    assert mail.startswith("mail: not told: ")
    assert messengers.take_notes() == ()
    messengers.send(LATER, marker="b", thread=told.value)
    assert smtp.taken[0].message["In-Reply-To"] is None


def test_only_who_was_not_told_is_told_by_a_second_call(channels, slack, smtp):
    smtp.faults["CONNECT"] = ["554 go away"]
    messengers = Messengers(channels, strict=True)
    with pytest.raises(Rejected, match="go away"):
        messengers.send(NOTICE, marker="a")
    second = messengers.send(NOTICE, marker="a")
    assert set(json.loads(second.value)) == {"slack", "mail", "console"}
    assert (len(slack.messages), len(smtp.taken)) == (1, 1)
    assert messengers.send(NOTICE, marker="a") == Effect(second.value, found=True)


def test_what_may_have_arrived_is_not_sent_again(channels, slack, smtp):
    slack.failing["chat.postMessage"] = [Answer(drop=True, acts=True)]
    smtp.faults["END"] = [close]
    messengers = Messengers(channels, strict=True)
    for _ in range(2):
        told = messengers.send(NOTICE, marker="a")
        assert set(json.loads(told.value)) == {"console"}
    assert (len(slack.messages), len(smtp.taken)) == (1, 1)
    notes = messengers.take_notes()
    assert [note.partition(": ")[0] for note in notes] == ["slack", "mail"]
    assert all("may not have arrived" in note for note in notes)


def test_what_a_channel_notes_itself_is_told(channels, smtp):
    smtp.refused_recipients = {"gone@example.org": "550 nobody"}
    messengers = Messengers(channels)
    messengers.send(NOTICE, marker="a")
    [note] = messengers.take_notes()
    assert note.startswith("mail: gone@example.org was not told")


def test_an_ill_channel_makes_no_other_look_ill(channels, slack, smtp):
    slack.failing["chat.postMessage"] = [Answer(500, b"x")] * 20
    messengers = Messengers(channels)
    for number in range(8):
        messengers.send(NOTICE, marker=f"m{number}")
    assert len(slack.posts()) == 5
    assert len(smtp.taken) == 8
    assert "not called now" in messengers.take_notes()[-1]


def test_nobody_could_be_told():
    messengers = Messengers({"broken": Broken()})
    assert messengers.send(NOTICE, marker="a") == ("", False)
    assert messengers.update('{"broken":"x"}', NOTICE) == ('{"broken":"x"}', False)
    assert len(messengers.take_notes()) == 2
    with pytest.raises(ServiceUnavailable) as caught:
        Messengers({"broken": Broken()}, strict=True).send(NOTICE, marker="a")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("reference", ["C1/17.1", "[]", '{"slack": 1}', "{"])
def test_a_reference_of_another_kind_cannot_be_updated_and_hinders_no_message(channels, reference):
    with pytest.raises(Rejected):
        Messengers(channels).update(reference, NOTICE)
    told = Messengers(channels).send(NOTICE, marker="a", thread=reference)
    assert set(json.loads(told.value)) == {"slack", "mail", "console"}
