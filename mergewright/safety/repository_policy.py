"""What a repository says about itself in `.mergewright.yml`, read from the base commit."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mergewright.domain.codebase import CheckKind
from mergewright.domain.objections import Rule, Treatment
from mergewright.domain.ticket import TicketKind
from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid

FILE_NAME = ".mergewright.yml"
MAX_CHARACTERS = 64_000
MAX_WAIT_MINUTES = 120
WORKFLOW_FILE = r"^$|^[A-Za-z0-9._-]+\.ya?ml$"


class CheckArguments(Value):
    """Commands of the checks, each as a list of arguments; there is no shell."""

    lint: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    """Command that says which files are not formatted, and changes none."""
    types: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


class LabelRules(Value):
    """Which labels a pull request gets besides those of its ticket."""

    paths: dict[str, str] = Field(default_factory=dict)
    """Labels by globs of the files that a change touches; `**` stands for any folders."""
    kinds: dict[TicketKind, str] = Field(default_factory=dict)
    """Labels by kind of ticket, in place of the default ones; empty for none."""


class PullRequestRules(Value):
    """How pull requests are opened."""

    draft: bool = False
    """Open them as drafts: nobody is asked to review them until a person says they are ready."""
    ready_when_green: bool = False
    """Say so for a person once the gates and the checks of others are green, and ask reviewers then."""
    assignees: tuple[str, ...] = ()
    """Logins of those whom they are assigned to."""
    milestone: str = Field(default="", max_length=250)
    """Title of the milestone they belong to; empty takes the ticket's, where it has one."""
    max_reviewers: int = Field(default=2, ge=0, le=15)
    """How many people and teams are asked for a review."""
    logins: dict[str, str] = Field(default_factory=dict)
    """Logins by mail address, for authors whose account the history does not tell."""


class DocumentationRules(Value):
    """What the documentation is, and how it is checked."""

    paths: tuple[str, ...] = ()
    """Globs of the documents; empty is all that the documentation workflow may write."""
    exclude: tuple[str, ...] = ()
    """Globs of documents that are left alone."""
    commands: tuple[tuple[str, ...], ...] = ()
    """Commands whose output documents show, as `[tally, --help]`: run in the sandbox and compared."""
    run_blocks: bool = True
    """Run code blocks of Python in the sandbox."""
    style: tuple[str, ...] = ()
    """Command that checks the style of documents, whose paths follow it; empty takes vale where the
    repository has a `.vale.ini`."""
    pages: tuple[str, ...] = ()
    """Globs of documents that are published as pages of the wiki, section by section."""


class RepositoryPolicy(Value):
    """What the repository's owners ask of every change."""

    checks: CheckArguments = CheckArguments()
    """Check commands that replace the ones that would be found."""
    protected_paths: tuple[str, ...] = ()
    """Globs that no change may touch, besides those of the delivery profile."""
    objections: dict[Rule, Treatment] = Field(default_factory=dict)
    """What becomes of weakened tests, changed settings and new packages, by rule; it can only be
    stricter than the delivery profile's."""
    licence_header: str = Field(default="", max_length=500)
    """Words that the first lines of new files must hold, where the delivery profile asks for none."""
    branch: str = Field(default="", max_length=200)
    """Template of branch names; empty takes the default one."""
    branch_prefixes: dict[TicketKind | Literal["hotfix", "release"], str] = Field(
        default_factory=dict
    )
    """What `prefix` is in the template, by kind of ticket or by workflow, in place of the default."""
    base: str | None = Field(default=None, min_length=1, max_length=200)
    """Branch that changes are meant for."""
    reviewers: tuple[str, ...] = ()
    """Logins to ask for a review, and teams as `organisation/team`, after the owners of the code."""
    labels: LabelRules = LabelRules()
    """Labels of pull requests."""
    pull_requests: PullRequestRules = PullRequestRules()
    """How pull requests are opened."""
    api_document: str = Field(default="", max_length=500)
    """Path of an OpenAPI document of which pages are published; empty for none."""
    conventions: tuple[str, ...] = ()
    """Coding standards in words, for the agents."""
    documentation: DocumentationRules = DocumentationRules()
    """What the documentation is, and how it is checked."""
    dispatch_workflow: str = Field(default="", pattern=WORKFLOW_FILE, max_length=200)
    """File of the workflow to start on a pushed change; empty takes the delivery profile's."""
    wait_for_checks_minutes: int | None = Field(default=None, ge=0, le=MAX_WAIT_MINUTES)
    """How long to wait for checks that others run; 0 does not, None takes the profile's."""

    @classmethod
    def parse(cls, text: str) -> "RepositoryPolicy":
        """Return the policy that a file's text states; an empty text states the defaults.

        Raises:
            SettingInvalid: The text is not YAML, or has an unknown field or a bad value.
        """
        document = _load(text)
        if document is None:
            return cls()
        if not isinstance(document, CommentedMap):
            raise _invalid(0, 0, "the file is not a mapping of fields", cls)
        try:
            return cls.model_validate(_plain(document))
        except ValidationError as error:
            raise _explained(document, error.errors()[0]) from error

    def commands_for(self, kind: CheckKind) -> tuple[str, ...]:
        """Return the arguments of a check's command; empty when the file names none."""
        found: tuple[str, ...] = getattr(self.checks, kind.value, ())
        return found


def _load(text: str) -> object:
    if len(text) > MAX_CHARACTERS:
        raise SettingInvalid(
            f"{FILE_NAME!r} has {len(text)} characters, and the limit is {MAX_CHARACTERS}.",
            hint="Keep long texts in files of their own.",
        )
    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        problem = error.problem or error.context or "not YAML"
        raise _invalid(line, column, problem, RepositoryPolicy) from error
    except (YAMLError, ValueError, RecursionError) as error:
        problem = str(error).partition("\n")[0]
        raise _invalid(0, 0, f"not YAML: {problem}", RepositoryPolicy) from error


def _plain(node: object) -> object:
    """Return a node with built-in containers, which the models take."""
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return tuple(_plain(value) for value in node)
    return node


_PARTS: Mapping[int | str, type[Value]] = MappingProxyType(
    {
        "checks": CheckArguments,
        "labels": LabelRules,
        "pull_requests": PullRequestRules,
        "documentation": DocumentationRules,
    }
)


def _explained(document: CommentedMap, problem: ErrorDetails) -> SettingInvalid:
    line, column = _place(document, problem["loc"])
    name = ".".join(str(part) for part in problem["loc"])
    owner = _PARTS.get(problem["loc"][0], RepositoryPolicy)
    if problem["type"] == "extra_forbidden":
        return _invalid(line, column, f"unknown field {name!r}", owner)
    if problem["type"] == "tuple_type":
        message = f"{name!r} is {problem['input']!r} and must be a list"
        return _invalid(line, column, message, owner)
    message = f"{name!r} is {problem['input']!r}: {problem['msg']}"
    return _invalid(line, column, message, owner)


def _place(document: CommentedMap, location: tuple[int | str, ...]) -> tuple[int, int]:
    """Return line and column, from 0, of the innermost part of a location that the file has."""
    node: Any = document
    line, column = 0, 0
    for part in location:
        try:
            place = node.lc.key(part) if isinstance(node, CommentedMap) else node.lc.item(part)
            node = node[part]
        except (AttributeError, KeyError, TypeError, IndexError):
            break
        line, column = place
    return line, column


def _invalid(line: int, column: int, problem: str, owner: type[Value]) -> SettingInvalid:
    fields = ", ".join(owner.model_fields)
    return SettingInvalid(
        f"{FILE_NAME!r}, line {line + 1}, column {column + 1}: {problem}.",
        hint=f"The fields here are {fields}; a command is a list such as [pytest, -q].",
    )
