import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda

from mergewright.agents.journaled_model import ATTEMPTS, Caller, JournaledModel
from mergewright.agents.limits import AgentLimits, Deadline
from mergewright.errors import (
    AccessDenied,
    AnswerUnusable,
    BudgetExceeded,
    RateLimited,
    ServiceUnavailable,
)
from mergewright.events.projections import costs
from mergewright.testing.messages_server import MessagesServer, Reply, by_turn, refuse
from mergewright.testing.scripted import ScriptedModel
from tests.agents.samples import OPUS, connected, make_journal

HELLO = Reply(text="Hello")


def around(inner, journal, *, name=OPUS, limits=None, recorded=False, attempts=1, settings=()):
    model = JournaledModel(
        inner,
        dict(settings),
        journal=journal,
        caller=Caller("qa", name, "qa", "d" * 64, recorded=recorded),
        limits=limits or AgentLimits(),
        deadline=Deadline.start("qa", 60),
        attempts=attempts,
    )
    model.tell(HumanMessage("Hi"))
    return model


def log(store, *types):
    return [stored.event for stored in store.read(run_id="run-1", types=types)]


def outcomes(store):
    return [event.outcome for event in log(store, "call_settled")]


def test_the_same_request_again_is_another_step(store, journal):
    with MessagesServer(lambda _, number: Reply(text=f"answer {number}")) as server:
        model = around(connected(server.url), journal)
        first = [model.answer().text for _ in range(2)]
        again = around(connected(server.url), make_journal(store))
        second = [again.answer().text for _ in range(3)]
    assert first == ["answer 0", "answer 1"]
    assert second == ["answer 0", "answer 1", "answer 2"]
    assert len(server.requests) == 3


def test_another_stage_or_run_pays_for_itself(store, journal):
    with MessagesServer(by_turn(HELLO)) as server:
        around(connected(server.url), journal).answer()
        around(connected(server.url), make_journal(store, "plan")).answer()
    assert len(server.requests) == 2


def test_live_and_replayed_answers_are_the_same(store, journal):
    with MessagesServer(by_turn(HELLO)) as server:
        live = around(connected(server.url), journal).answer()
        replayed = around(connected(server.url), make_journal(store)).answer()
    assert live.model_dump(exclude={"id"}) == replayed.model_dump(exclude={"id"})
    (answered,) = log(store, "model_answered")
    assert (answered.turn, answered.prompt_name, answered.model) == (0, "qa", OPUS)
    assert len(log(store, "step_replayed")) == 1


def test_usage_is_settled_at_its_price(store, journal):
    usage = {
        "input_tokens": 100,
        "output_tokens": 20,
        "cache_creation_input_tokens": 50,
        "cache_read_input_tokens": 900,
    }
    with MessagesServer(by_turn(Reply(text="Hello", usage=usage))) as server:
        around(connected(server.url), journal).answer()
    (settled,) = log(store, "call_settled")
    assert (settled.input_tokens, settled.output_tokens) == (1_050, 20)
    assert (settled.cache_read_tokens, settled.cache_write_tokens) == (900, 50)
    # 100 x 4 + 900 x 0.2 + 50 x 5 + 20 x 20 millionths of a dollar
    assert str(settled.cost_usd) == "0.001230"
    (reserved,) = log(store, "call_reserved")
    assert reserved.worst_case_usd > settled.cost_usd


def test_without_money_nothing_is_sent(store):
    with (
        MessagesServer(by_turn(HELLO)) as server,
        pytest.raises(BudgetExceeded, match=r"cap of \$0.01"),
    ):
        around(connected(server.url), make_journal(store, run_usd="0.01")).answer()
    assert server.requests == []
    assert log(store) == []


def test_without_a_price_nothing_is_sent(store, journal):
    with (
        MessagesServer(by_turn(HELLO)) as server,
        pytest.raises(BudgetExceeded, match="'anthropic:claude-unheard-of' is not known"),
    ):
        around(connected(server.url), journal, name="anthropic:claude-unheard-of").answer()
    assert server.requests == []


@pytest.mark.parametrize(
    ("reply", "expected", "outcome"),
    [
        (refuse(401), AccessDenied, "failed"),
        (refuse(429, retry_after="90"), RateLimited, "failed"),
        (refuse(529), ServiceUnavailable, "failed"),
        (refuse(500), ServiceUnavailable, "failed"),
        (Reply(text="Hello", breaks="error"), ServiceUnavailable, "unknown"),
        (Reply(text="Hello", breaks="drop"), ServiceUnavailable, "unknown"),
        (Reply(text="Hello", breaks="end"), ServiceUnavailable, "unknown"),
    ],
    ids=["401", "429", "529", "500", "error in the stream", "dropped", "ended early"],
)
def test_failures_are_typed_and_settled(store, journal, reply, expected, outcome):
    with MessagesServer(by_turn(reply)) as server, pytest.raises(expected):
        around(connected(server.url), journal).answer()
    assert len(server.requests) == 1
    assert outcomes(store) == [outcome]
    assert log(store, "model_answered") == []
    spent = costs(log(store))
    assert spent.reserved_usd == 0
    assert (spent.settled_usd > 0) == (outcome == "unknown")


def test_silence_is_a_failure_that_may_have_cost(store, journal):
    limits = AgentLimits(call_timeout_seconds=0.2)
    slow = Reply(text="Hello", wait_seconds=20)
    with MessagesServer(by_turn(slow)) as server, pytest.raises(ServiceUnavailable):
        around(connected(server.url, limits), journal, limits=limits).answer()
    assert outcomes(store) == ["unknown"]


def test_a_server_that_is_not_there_costs_nothing(store, journal):
    with MessagesServer(by_turn(HELLO)) as server:
        url = server.url
    with pytest.raises(ServiceUnavailable, match="cannot be reached"):
        around(connected(url), journal).answer()
    assert outcomes(store) == ["failed"]


def test_a_failure_that_passes_is_bridged(store, journal):
    def script(_, number):
        return refuse(529) if number == 0 else HELLO

    with MessagesServer(script) as server:
        model = around(connected(server.url), journal, attempts=ATTEMPTS)
        assert model.answer().text == "Hello"
    assert outcomes(store) == ["failed", "answered"]
    reservations = {event.reservation_id for event in log(store, "call_reserved")}
    assert len(reservations) == len(server.requests) == 2


def test_a_failure_that_stays_is_given_up(store, journal):
    with MessagesServer(by_turn(refuse(529))) as server, pytest.raises(ServiceUnavailable):
        around(connected(server.url), journal, attempts=ATTEMPTS).answer()
    assert outcomes(store) == ["failed"] * ATTEMPTS
    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize(
    ("reason", "words"), [("max_tokens", "cut off at 16000 tokens"), ("refusal", "refused")]
)
def test_an_answer_that_is_none_was_paid_for(store, journal, reason, words):
    with MessagesServer(by_turn(Reply(text="Hel", stop_reason=reason))) as server:
        for _ in range(2):
            with pytest.raises(AnswerUnusable, match=words):
                around(connected(server.url), make_journal(store)).answer()
    assert len(server.requests) == 1
    assert outcomes(store) == ["answered"]


def test_an_answer_without_usage_is_taken_at_its_worst_case(store, journal):
    class Silent(ScriptedModel):
        def _generate(self, *args, **kwargs):
            result = super()._generate(*args, **kwargs)
            result.generations[0].message.usage_metadata = None
            return result

    around(Silent(script=lambda _: AIMessage("Hello")), journal).answer()
    (settled,) = log(store, "call_settled")
    assert settled.output_tokens == AgentLimits().max_output_tokens


def test_recorded_calls_say_so(store, journal):
    model = ScriptedModel(script=lambda _: AIMessage("Hello"))
    around(model, journal, recorded=True).answer()
    assert [event.recorded for event in log(store, "call_reserved", "call_settled")] == [True] * 2


def test_callbacks_see_each_live_call_once_and_no_replayed_one(store, journal):
    class Seen(BaseCallbackHandler):
        def __init__(self):
            self.begun = self.ended = 0

        def on_chat_model_start(self, *_, **__):
            self.begun += 1

        def on_llm_end(self, *_, **__):
            self.ended += 1

    seen = Seen()
    with MessagesServer(by_turn(HELLO)) as server:
        for _ in range(2):
            model = around(connected(server.url), make_journal(store))
            traced = RunnableLambda(lambda _, model=model: model.answer())
            traced.invoke("go", {"callbacks": [seen]})
    assert (seen.begun, seen.ended) == (1, 1)


def test_each_request_holds_all_that_was_said(journal):
    with MessagesServer(by_turn(HELLO, Reply(text="Fine"))) as server:
        model = around(connected(server.url), journal, settings={"temperature": 0.5})
        first = model.answer()
        model.tell(first, HumanMessage("How are you?"))
        assert model.turn == 1
        assert model.answer().text == "Fine"
    said = [message["content"] for message in server.requests[1]["messages"]]
    assert said[0] == "Hi"
    assert said[2] == "How are you?"
    assert [request["temperature"] for request in server.requests] == [0.5, 0.5]
