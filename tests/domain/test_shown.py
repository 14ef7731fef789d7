"""A notebook is given what was registered for exactly that kind of value, and nothing else."""

from mergewright.domain.shown import ShownValue, show_as


class Known(ShownValue):
    name: str


class Derived(Known):
    pass


class Unknown(ShownValue):
    name: str


def test_a_value_of_which_nobody_said_how_shows_its_fields():
    value = Unknown(name="x")
    assert value._repr_html_() is None
    assert value._repr_mimebundle_() == {}
    assert repr(value) == "Unknown(name='x')"


def test_a_registered_kind_shows_both_forms():
    show_as(Known, html=lambda value: f"<b>{value.name}</b>", text=lambda value: value.name)
    value = Known(name="x")
    assert value._repr_html_() == "<b>x</b>"
    assert value._repr_mimebundle_(include={"text/html"}) == {
        "text/html": "<b>x</b>",
        "text/plain": "x",
    }
    assert Derived(name="x")._repr_html_() is None
