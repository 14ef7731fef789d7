"""Asking a person for a profile: one question per field that is needed, secrets unseen."""

import getpass
from collections.abc import Iterator, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.text import Text

from mergewright.clients.secret_references import FORMS, reference_of
from mergewright.errors import SettingInvalid

if TYPE_CHECKING:
    from prefect.blocks.core import Block

    from blocks.profile_files import ProfileFile

ASKED = frozenset({"username", "cloud", "project", "api_url", "port", "security"})
"""Fields with a default that are asked for all the same: what fits differs from team to team."""
PARTS = {
    "tracker": "Where are tickets?",
    "code_host": "Where are pull requests?",
    "wiki": "Where are documentation pages?",
    "messenger": "Where are people told?",
}


def ask_profile(console: Console, name: str) -> "ProfileFile":
    """Ask for each service and the key of the models, and return the profile, not saved yet.

    Args:
        console: Where the person sits.
        name: The profile's name.

    Raises:
        KeyboardInterrupt: The person ended it.
    """
    from blocks.credentials import AnthropicCredentials  # noqa: PLC0415 - imports Prefect
    from blocks.profile import DeliveryProfile  # noqa: PLC0415 - as above
    from blocks.profile_files import ProfileFile, block_types  # noqa: PLC0415 - as above

    questions = Questions(console)
    console.print(f"A secret is typed unseen, or given as {', '.join(FORMS.values())}.")
    fields: dict[str, Any] = {}
    for part, question in PARTS.items():
        types = tuple(block_types(DeliveryProfile.model_fields[part].annotation))
        fields[part] = questions.block(types, question)
    further: dict[str, Any] = {}
    types = tuple(block_types(DeliveryProfile.model_fields["messenger"].annotation))
    while questions.yes("Are people told somewhere else, too?", default=False):
        block = questions.block(types, "Where else?")
        further[f"{block.get_block_type_slug()}/{name}-messenger-{len(further) + 1}"] = block
    fields["messengers"] = list(further)
    key = questions.secret("Key of the Anthropic API (empty takes ANTHROPIC_API_KEY of each run)")
    if key:
        fields["anthropic"] = AnthropicCredentials(api_key=SecretStr(key))
    return ProfileFile(name, DeliveryProfile(**fields), further)


class Questions:
    """Asks for blocks; credentials that were given once are offered again."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._given: list[Block] = []

    def block(self, types: "Sequence[type[Block]]", question: str) -> "Block":
        """Ask for a block of one of these types."""
        earlier = next((one for one in self._given if isinstance(one, tuple(types))), None)
        if earlier is not None and self.yes(f"Use the {_title(type(earlier))} given before?"):
            return earlier
        kind = types[0] if len(types) == 1 else self._chosen(types, question)
        block = self._filled(kind)
        if _is_credentials(kind):
            self._given.append(block)
        return block

    def yes(self, question: str, *, default: bool = True) -> bool:
        """Ask a question that is answered with yes or no."""
        answer = self._line(f"{question} [{'Y/n' if default else 'y/N'}]").lower()
        return default if not answer else answer.startswith("y")

    def secret(self, question: str) -> str:
        """Ask for a secret, unseen; a reference that is none is asked for again."""
        while True:
            try:
                text = getpass.getpass(f"{question}: ").strip()
            except EOFError:
                raise KeyboardInterrupt from None
            try:
                reference = reference_of(text)
            except SettingInvalid as error:
                self._tell(str(error))
                continue
            if text:
                kind = "where it is" if reference else "the secret itself"
                self._console.print(f"  taken as {kind}", style="dim")
            return text

    def _chosen(self, types: "Sequence[type[Block]]", question: str) -> "type[Block]":
        self._console.print(Text(question, style="bold"))
        for number, kind in enumerate(types, 1):
            self._console.print(f"  {number}  {_title(kind)}", highlight=False)
        while True:
            answer = self._line("Number [1]") or "1"
            if answer.isdecimal() and 1 <= int(answer) <= len(types):
                return types[int(answer) - 1]
            self._tell(f"Give a number from 1 to {len(types)}.")

    def _filled(self, kind: "type[Block]") -> "Block":
        values = {name: self._value(name, kind) for name in _asked(kind)}
        while True:
            given = {name: value for name, value in values.items() if value not in ("", None)}
            try:
                return kind(**given)
            except ValidationError as error:
                wrong = _wrong(error)
                for name, message in wrong.items():
                    self._tell(f"{name}: {message}")
                values |= {name: self._value(name, kind) for name in wrong}

    def _value(self, name: str, kind: "type[Block]") -> object:
        from blocks.profile_files import block_types  # noqa: PLC0415 - imports Prefect

        field = kind.model_fields[name]
        types = tuple(block_types(field.annotation))
        if types:
            return self.block(types, f"{_title(kind)}: which credentials?")
        question = _question(name, field)
        if SecretStr in _parts(field.annotation):
            return self.secret(question)
        if bool in _parts(field.annotation):
            return self.yes(question, default=bool(field.default))
        answer = self._line(question)
        if get_origin(field.annotation) in (list, tuple):
            return [one.strip() for one in answer.split(",") if one.strip()]
        return answer

    def _line(self, question: str) -> str:
        try:
            return self._console.input(Text(f"{question}: ")).strip()
        except EOFError:
            raise KeyboardInterrupt from None

    def _tell(self, message: str) -> None:
        self._console.print(Text(f"  {message}", style="yellow"), soft_wrap=True)


def _asked(kind: type[BaseModel]) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        if field.is_required() or name in ASKED or SecretStr in _parts(field.annotation):
            yield name


def _question(name: str, field: FieldInfo) -> str:
    words = name.replace("_", " ").capitalize()
    if field.description:
        words += f" ({field.description.split(' In its place')[0].rstrip('.;')})"
    choices = [str(one) for one in get_args(field.annotation)]
    if get_origin(field.annotation) is Literal:
        words += f" {'|'.join(choices)}"
    has_default = not field.is_required() and isinstance(field.default, str | int)
    if has_default and not isinstance(field.default, bool) and field.default != "":
        words += f" [{field.default}]"
    return words


def _parts(annotation: object) -> tuple[object, ...]:
    inner = tuple(one for one in get_args(annotation) if one is not NoneType)
    return inner or (annotation,)


def _wrong(error: ValidationError) -> dict[str, str]:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return {str(one["loc"][0]): one["msg"] for one in problems if one["loc"]}


def _is_credentials(kind: type[BaseModel]) -> bool:
    return kind.__name__.endswith("Credentials")


def _title(kind: "type[Block]") -> str:
    return kind.get_block_type_name().removeprefix("Mergewright ")
