import anthropic
import httpx
import httpx2
import langchain_anthropic  # noqa: F401 - its error classes count, too
import pytest
from langchain_core.exceptions import ModelError

from mergewright.agents.model_errors import translate_model_error
from mergewright.errors import (
    AccessDenied,
    AnswerUnusable,
    LimitReached,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)
from tests.agents.samples import KEY

REQUEST = httpx2.Request("POST", "https://api.example.org/v1/messages")


def family(cls):
    return {cls}.union(*(family(sub) for sub in cls.__subclasses__()))


CLASSES = sorted(
    family(anthropic.AnthropicError) | family(ModelError),
    key=lambda cls: (cls.__module__, cls.__qualname__),
)


def status_error(status, *, cls=anthropic.APIStatusError, kind="", text="no", headers=None):
    body = {"type": "error", "error": {"type": kind, "message": text}}
    response = httpx2.Response(status, request=REQUEST, headers=headers)
    return cls(text, response=response, body=body)


def instance(cls):
    if issubclass(cls, anthropic.APIStatusError):
        status = getattr(cls, "status_code", None)
        return status_error(status if isinstance(status, int) else 400, cls=cls)
    if issubclass(cls, anthropic.APITimeoutError):
        return cls(REQUEST)
    if issubclass(cls, anthropic.APIConnectionError):
        return cls(request=REQUEST)
    try:
        return cls("no")
    except TypeError:
        error = cls.__new__(cls)
        Exception.__init__(error, "no")
        return error


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__qualname__)
def test_every_class_of_the_libraries_becomes_one_of_ours(cls):
    failure = translate_model_error(instance(cls), model="anthropic:m")
    assert isinstance(failure.error, ServiceError)
    assert failure.error.hint
    assert "'anthropic:m'" in failure.error.message


@pytest.mark.parametrize(
    ("status", "expected", "outcome"),
    [
        (400, Rejected, "failed"),
        (401, AccessDenied, "failed"),
        (403, AccessDenied, "failed"),
        (404, NotFound, "failed"),
        (408, ServiceUnavailable, "unknown"),
        (413, Rejected, "failed"),
        (429, RateLimited, "failed"),
        (500, ServiceUnavailable, "failed"),
        (502, ServiceUnavailable, "unknown"),
        (503, ServiceUnavailable, "failed"),
        (504, ServiceUnavailable, "unknown"),
        (529, ServiceUnavailable, "failed"),
    ],
)
def test_a_status_says_what_happened_and_what_it_costs(status, expected, outcome):
    failure = translate_model_error(status_error(status), model="m")
    assert (type(failure.error), failure.outcome) == (expected, outcome)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("overloaded_error", ServiceUnavailable),
        ("rate_limit_error", RateLimited),
        ("authentication_error", AccessDenied),
        ("something_new", ServiceUnavailable),
    ],
)
def test_an_error_inside_a_stream_has_only_its_type_and_may_cost(kind, expected):
    failure = translate_model_error(status_error(200, kind=kind), model="m")
    assert (type(failure.error), failure.outcome) == (expected, "unknown")


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("soon", None), ("-1", None)])
def test_the_wait_that_is_asked_for_is_kept(header, seconds):
    error = status_error(429, headers={"retry-after": header})
    assert translate_model_error(error, model="m").error.retry_after_seconds == seconds


def test_a_spend_limit_is_not_a_matter_of_waiting():
    error = status_error(429, cls=anthropic.EnforcedSpendLimitReachedError, text="limit")
    failure = translate_model_error(error, model="m")
    assert isinstance(failure.error, AccessDenied)
    assert not failure.error.retryable


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (httpx2.ConnectError("refused"), "failed"),
        (httpx.ConnectTimeout("too slow"), "failed"),
        (httpx2.ReadTimeout("silence"), "unknown"),
        (httpx.RemoteProtocolError("closed"), "unknown"),
        (ConnectionResetError(104, "reset"), "unknown"),
    ],
    ids=repr,
)
def test_a_line_that_never_stood_costs_nothing(error, outcome):
    failure = translate_model_error(error, model="m")
    assert (type(failure.error), failure.outcome) == (ServiceUnavailable, outcome)


def test_a_refused_connection_is_found_beneath_the_sdk_error():
    error = anthropic.APIConnectionError(request=REQUEST)
    error.__cause__ = httpx2.ConnectError("refused")
    assert translate_model_error(error, model="m").outcome == "failed"


def test_our_own_errors_pass():
    unusable = AnswerUnusable("no")
    assert translate_model_error(unusable, model="m") == (unusable, "failed")
    late = LimitReached("late")
    assert translate_model_error(late, model="m") == (late, "unknown")


def test_an_error_nobody_knows_may_have_cost():
    failure = translate_model_error(ValueError("odd"), model="m")
    assert (type(failure.error), failure.outcome) == (ServiceError, "unknown")
    assert "ValueError: odd" in failure.error.message


def test_messages_are_short_and_hold_no_key():
    error = status_error(401, text=f"bad key {KEY} " + "x" * 1_000)
    message = translate_model_error(error, model="m").error.message
    assert KEY not in message
    assert len(message) < 500
