"""Branch names: a template of the repository's owners, filled in with safe parts of the ticket."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import count

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mergewright.domain.ticket import Ticket, TicketKind
from mergewright.errors import SettingInvalid

DEFAULT_TEMPLATE = "{{ prefix }}/{{ ticket.key|lower }}-{{ ticket.slug }}"
PREFIXES = {
    TicketKind.BUG: "fix",
    TicketKind.FEATURE: "feature",
    TicketKind.TASK: "feature",
    TicketKind.DOCUMENTATION: "docs",
}
WORKFLOW_PREFIXES = {"hotfix": "hotfix", "release": "release"}
SALVAGED = "wip/"
"""What the branch of a change begins with that never passed its gates."""
MAX_TEMPLATE_CHARACTERS = 200
MAX_NAME_BYTES = 200

_ALLOWED_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData),
    *(nodes.Getattr, nodes.Name, nodes.Filter, nodes.Const),
)
_ALLOWED_FILTERS = frozenset({"lower", "upper", "truncate"})
_HINT = (
    "Use a template like 'feature/{{ ticket.key|lower }}-{{ ticket.slug }}'; "
    "it may use prefix, base, ticket.key, ticket.slug, ticket.kind and the filters lower and upper."
)


def branch_name(
    template: str,
    ticket: Ticket,
    *,
    workflow: str = "",
    base: str = "",
    prefixes: Mapping[str, str] | None = None,
) -> str:
    """Return the name of the branch that a ticket is worked on.

    Args:
        template: A Jinja template; empty means the default one, whose prefix follows workflow and
            kind.
        ticket: The ticket; only its key, slug and kind are to be had in the template.
        workflow: What kind of work it is: `hotfix` and `release` have prefixes of their own.
        base: The branch that the change is meant for; `base` in the template is a slug of it.
        prefixes: Prefixes by workflow or kind, in place of the default ones.

    Raises:
        SettingInvalid: The template does more than fill in values, or makes no branch name of
            the ticket's own.
    """
    template = template.strip() or DEFAULT_TEMPLATE
    if len(template) > MAX_TEMPLATE_CHARACTERS:
        raise _invalid(template, f"is longer than {MAX_TEMPLATE_CHARACTERS} characters")
    values = {
        "prefix": _prefix(ticket.kind, workflow, prefixes or {}),
        "base": re.sub(r"[^A-Za-z0-9.]+", "-", base).strip("-."),
        "ticket": {"key": ticket.key, "slug": ticket.slug, "kind": ticket.kind.value},
    }
    try:
        for node in _environment().parse(template).find_all(nodes.Node):
            _check_node(node, template)
        name = _environment().from_string(template).render(values)
    except (TemplateError, TypeError, ValueError) as error:
        raise _invalid(template, f"cannot be filled in: {error}") from error
    if problem := ref_problem(name):
        raise _invalid(template, f"gives {name!r}, which is no branch name: {problem}")
    if ticket.key.lower() not in name.lower():
        raise _invalid(template, f"gives {name!r}, which does not hold the ticket's key")
    return name


def free_branch_name(name: str, taken: Iterable[str]) -> str:
    """Return the name, or the first one like it that git can make beside branches that are there.

    Another case of letters counts as taken: some file systems do not tell them apart. A branch
    `fix` leaves no room for `fix/a`, nor the other way round.

    Args:
        name: The name that is wanted.
        taken: Names of the branches that are there.
    """
    there = [other.casefold() for other in taken]
    is_below_another = any(name.casefold().startswith(f"{other}/") for other in there)
    plain = name.replace("/", "-") if is_below_another else name
    tried = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(
        one for one in tried if not any(_collides(one.casefold(), other) for other in there)
    )


def _collides(name: str, other: str) -> bool:
    return name == other or name.startswith(f"{other}/") or other.startswith(f"{name}/")


def _prefix(kind: TicketKind, workflow: str, own: Mapping[str, str]) -> str:
    for name in (workflow, kind):
        if name in own:
            return own[name]
        if name in WORKFLOW_PREFIXES:
            return WORKFLOW_PREFIXES[name]
    return PREFIXES[kind]


def ref_problem(name: str) -> str:
    """Say why git would not take a branch name; empty when it does.

    Source: git-check-ref-format(1) with `--branch`, git 2.39.
    """
    bad_letters = {letter for letter in name if letter in " ~^:?*[\\" or _is_hidden(letter)}
    problems = {
        "it is empty": not name,
        f"it is longer than {MAX_NAME_BYTES} bytes": len(name.encode("utf-8", "replace"))
        > MAX_NAME_BYTES,
        f"it holds {', '.join(sorted(map(repr, bad_letters)))}": bool(bad_letters),
        "it holds '..', '@{' or '//'": re.search(r"\.\.|@\{|//", name) is not None,
        "a part of it begins with '.' or ends with '.lock'": any(
            part.startswith(".") or part.endswith(".lock") for part in name.split("/")
        ),
        "it begins with '-' or '/'": name.startswith(("-", "/")),
        "it ends with '.' or '/'": name.endswith((".", "/")),
        "the name is reserved": name in {"@", "HEAD"} or name.startswith("refs/"),
    }
    return next((problem for problem, there in problems.items() if there), "")


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "CZ"


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
    )


def _check_node(node: nodes.Node, template: str) -> None:
    if not isinstance(node, _ALLOWED_NODES):
        raise _invalid(template, f"holds {type(node).__name__.lower()!r}, more than a value")
    if isinstance(node, nodes.Filter) and node.name not in _ALLOWED_FILTERS:
        raise _invalid(template, f"uses the filter {node.name!r}")


def _invalid(template: str, problem: str) -> SettingInvalid:
    return SettingInvalid(f"The branch template {template!r} {problem}.", hint=_HINT)
