import httpx
import pytest
from pydantic import BaseModel, ConfigDict

from mergewright.cli.service_checks import check_services
from mergewright.clients.breaker import call_with_retries
from mergewright.errors import AccessDenied, ServiceUnavailable
from mergewright.safety.redaction import register_secret
from tests.clients.loopback import Answer, LoopbackServer


class Credentials(BaseModel):
    """A block of credentials that asks who one is."""

    url: str

    def check(self) -> str:
        answer = call_with_retries(self._ask, service="Example", host=self.url, safe_to_repeat=True)
        return f"signed in as {answer['name']}"

    def _ask(self):
        try:
            answer = httpx.get(self.url)
        except httpx.HTTPError as error:
            raise ServiceUnavailable(f"{self.url!r} does not answer.", hint="Start it.") from error
        if answer.status_code == 401:
            raise AccessDenied("The token hunter2-hunter2 is refused.", hint="Make a new one.")
        return answer.json()


class Tracker(BaseModel):
    """A service that leaves it to its credentials."""

    credentials: Credentials
    folder: str = "."


class Embedded(BaseModel):
    """A service that cannot be asked."""

    check_command: str = "true"


class Broken(BaseModel):
    """A service whose package has a bug."""

    model_config = ConfigDict(extra="allow")

    def check(self):
        raise KeyError("bug")


class Profile(BaseModel):
    tracker: Tracker
    wiki: BaseModel = Embedded()
    messengers: list[BaseModel] = []


class ExampleServer(LoopbackServer):
    def answer(self, request):
        return Answer(200, {"name": "ada"})


@pytest.fixture
def server():
    server = ExampleServer()
    yield server
    server.close()


def profile_at(server, **parts):
    return Profile(tracker=Tracker(credentials=Credentials(url=server.url)), **parts)


def test_a_service_that_is_up_says_who_one_is(server):
    (found,) = check_services(profile_at(server))
    assert (found.part, found.kind) == ("tracker.credentials", "Credentials")
    assert (found.is_well, found.is_needed, found.said) == (True, True, "signed in as ada")


def test_a_service_that_is_down_is_a_line(server):
    server.close()
    (found,) = check_services(profile_at(server))
    assert not found.is_well
    assert found.said == f"{server.url!r} does not answer."
    assert found.hint == "Start it."


def test_a_refused_token_is_told_without_the_token(server):
    register_secret("hunter2-hunter2")
    server.faults.append(Answer(401))
    (found,) = check_services(profile_at(server))
    assert (found.is_well, found.said) == (False, "The token [redacted] is refused.")


def test_a_fault_of_one_stops_no_other(server):
    found = check_services(profile_at(server, wiki=Broken(), messengers=[Broken(), Embedded()]))
    assert [(one.part, one.is_well, one.is_needed) for one in found] == [
        ("tracker.credentials", True, True),
        ("wiki", False, False),
        ("messengers", False, False),
    ]
    assert "KeyError: 'bug'" in found[1].said
