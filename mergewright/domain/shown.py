"""Values that a notebook shows as more than their fields.

A value knows no markup. The room that makes it says once how values of a kind are shown; until
then, or where nobody does, a notebook shows the fields.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from mergewright.domain.value import Value


class ShownValue(Value):
    """A value with the methods that notebooks ask for.

    Source: ipython.readthedocs.io, "Integrating your objects with IPython", read 2026-11-20.
    """

    def _repr_html_(self) -> str | None:
        forms = _FORMS.get(type(self))
        return forms.html(self) if forms else None

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002 - what is asked for may be ignored
        exclude: object = None,  # noqa: ARG002 - as above
    ) -> Mapping[str, str]:
        forms = _FORMS.get(type(self))
        return {"text/html": forms.html(self), "text/plain": forms.text(self)} if forms else {}


V = TypeVar("V", bound=ShownValue)


class _Forms(NamedTuple):
    html: Callable[[Any], str]
    text: Callable[[Any], str]


_FORMS: dict[type[ShownValue], _Forms] = {}


def show_as(kind: type[V], *, html: Callable[[V], str], text: Callable[[V], str]) -> None:
    """Say how notebooks show values of a kind.

    Args:
        kind: The kind; not those derived from it.
        html: Makes HTML that needs nothing else, with everything of others escaped.
        text: Makes the same as plain text, for where no HTML is shown.
    """
    _FORMS[kind] = _Forms(html, text)
