"""Blocks that tell people: what they connect to, and what their check says."""

import pytest
from prefect_slack import SlackCredentials
from pydantic import ValidationError

from blocks.messengers import EmailServerCredentials, MailMessenger
from blocks.services import SlackChannelMessenger
from mergewright.clients.mail import Mailer
from mergewright.clients.slack import SlackChannel
from mergewright.domain.notice import Notice
from mergewright.errors import AccessDenied, NotFound, Rejected, SettingInvalid
from tests.clients.certificates import make_certificate
from tests.clients.slack_server import READING, TOKEN, SlackServer
from tests.clients.smtp_server import PASSWORD, USER, SmtpServer

pytestmark = pytest.mark.engine

NOTICE = Notice(subject="SHOP-7 delivered", body="All **green**.", people=("Ada",))


@pytest.fixture
def smtp(tmp_path):
    server = SmtpServer(make_certificate(tmp_path), asks_for_log_in=True)
    server.ca_file = str(tmp_path / "127.0.0.1.pem")
    yield server
    server.close()


@pytest.fixture
def slack():
    server = SlackServer(scopes=("chat:write", *READING))
    yield server
    server.close()


def credentials(server, **changes):
    fields = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": USER,
        "password": PASSWORD,
        "ca_file": server.ca_file,
        "timeout_seconds": 2,
    }
    return EmailServerCredentials(**fields | changes)


def messenger(server, **changes):
    fields = {"sender": "Mergewright <m@example.org>", "recipients": ("ada@example.org",)}
    return MailMessenger(credentials=credentials(server), **fields | changes)


def channel(server, name="#deliveries", **changes):
    return SlackChannelMessenger(
        credentials=SlackCredentials(token=TOKEN),
        channel=name,
        base_url=server.base_url,
        **changes,
    )


def test_a_mail_is_sent_by_the_server_of_the_credentials(smtp):
    client = messenger(smtp).connect()
    assert isinstance(client, Mailer)
    client.send(NOTICE, marker="m")
    assert smtp.taken[0].user == USER


def test_the_check_of_a_mail_server_says_who_we_are_and_sends_nothing(smtp):
    assert messenger(smtp).check().account == USER
    assert smtp.taken == []
    with pytest.raises(AccessDenied):
        credentials(smtp, password="wrong-password").check()
    with pytest.raises(Rejected, match=r"(?i)certificate"):
        credentials(smtp, ca_file="").check()
    with pytest.raises(SettingInvalid):
        credentials(smtp, host="mail.example.org", security="none").check()


def test_a_channel_mentions_people_and_asks_with_buttons_only_where_told(slack):
    block = channel(slack, mentions={"ada": "U1ADA"})
    client = block.connect()
    assert isinstance(client, SlackChannel)
    client.send(NOTICE, marker="m")
    assert "<@U1ADA>" in str(slack.messages[0]["blocks"])
    with pytest.raises(SettingInvalid):
        channel(slack, mentions={"ada": "everyone"}).connect()


def test_the_check_of_a_channel_says_who_we_are_and_what_is_missing(slack):
    assert channel(slack).check().account == "mergewright in Example"
    slack.scopes.discard("channels:history")
    assert [one.split(": ")[0] for one in channel(slack).check().missing] == ["channels:history"]
    with pytest.raises(NotFound):
        channel(slack, name="#nowhere").check()
    assert slack.messages == []


def test_blocks_come_back_from_the_server_as_they_were(smtp):
    credentials(smtp).save("team-smtp", overwrite=True)
    block = MailMessenger(
        credentials=EmailServerCredentials.load("team-smtp"),
        sender="m@example.org",
        recipients=("Ada <ada@example.org>", "bob@example.org"),
    )
    block.save("team-mail", overwrite=True)
    loaded = MailMessenger.load("team-mail")
    assert loaded.credentials.password.get_secret_value() == PASSWORD
    assert loaded.recipients == block.recipients
    loaded.connect().send(NOTICE, marker="m")
    assert smtp.taken[0].recipients == ["ada@example.org", "bob@example.org"]


def test_the_password_is_not_shown(smtp):
    block = messenger(smtp)
    for text in (repr(block), str(block.model_dump()), block.model_dump_json()):
        assert PASSWORD not in text
    assert PASSWORD not in repr(block.credentials.get_client())


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "nobody"},
        {"recipients": ()},
        {"recipients": ("ada@example.org", "x\r\nBcc: y@z.org")},
        {"max_files_bytes": -1},
    ],
)
def test_what_is_no_address_is_refused_in_the_form(smtp, changes):
    with pytest.raises(ValidationError):
        messenger(smtp, **changes)
