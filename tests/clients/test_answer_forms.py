"""What is null in an answer is as if it were not there."""

from mergewright.clients.answer_forms import Form


class Inner(Form):
    name: str = "nobody"


class Outer(Form):
    inner: Inner = Inner()
    text: str = ""


def test_nulls_are_left_out_at_every_depth():
    assert Outer.model_validate_json('{"inner": null, "text": null}') == Outer()
    found = Outer.model_validate_json('{"inner": {"name": null}, "text": "x"}')
    assert (found.inner.name, found.text) == ("nobody", "x")
