"""Delivery profiles as YAML files: read strictly, with the line and column of what is wrong.

A nested block is a mapping: `type`, the slug of its block type, and the block's fields; the type
may be left out where only one fits. `block: TYPE/NAME` names a saved one instead. Secrets are
written as references only.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from prefect.blocks.core import Block
from pydantic import BaseModel, ValidationError
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from blocks.loading import load_block
from blocks.profile import BLOCK_NAME, DeliveryProfile
from blocks.profile_yaml import load_mapping, plain, position_of
from blocks.secret_fields import Place, secrets_in
from blocks.services import MessengerService
from blocks.third_party import service_packages
from mergewright.clients.secret_references import FORMS, reference_of
from mergewright.errors import MergewrightError, SettingInvalid
from mergewright.safety.redaction import redact

MAX_BYTES = 256 * 1024
TYPE = "type"
BLOCK = "block"
NAME = "name"
MESSENGERS = "messengers"


class ProfileFile(NamedTuple):
    """What a file says."""

    name: str
    profile: DeliveryProfile
    blocks: Mapping[str, Block]
    """Blocks of its own that are saved beside it, by type and name, innermost first.

    Further messengers, and what names a saved block: Prefect keeps references of saved blocks only.
    """

    @property
    def messengers(self) -> dict[str, Block]:
        """Further messengers that the file holds itself."""
        return {
            name: block for name, block in self.blocks.items() if name in self.profile.messengers
        }


def read_profile(path: Path, *, name: str = "") -> ProfileFile:
    """Read a profile from a file.

    Blocks that it names are looked up, for which Prefect must be ready.

    Args:
        path: The file.
        name: The profile's name; empty takes the field `name`, or else the file's.

    Raises:
        SettingInvalid: The file cannot be read, is not YAML, or something in it is wrong.
        BlockMissing: A saved block that it names does not exist.
    """
    try:
        data = path.read_bytes()
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingInvalid(
            f"The profile {str(path)!r} cannot be read: {reason}.", hint="Give a YAML file."
        ) from error
    if len(data) > MAX_BYTES:
        raise SettingInvalid(
            f"The profile {str(path)!r} has more than {MAX_BYTES} bytes.", hint="Give a profile."
        )
    return parse_profile(text, source=str(path), name=name, default_name=path.stem)


def parse_profile(text: str, *, source: str, name: str = "", default_name: str = "") -> ProfileFile:
    """Read a profile from YAML.

    Args:
        text: The YAML.
        source: Where it is from, for errors.
        name: The profile's name; empty takes the one that the text says.
        default_name: The name, if the text says none.

    Raises:
        SettingInvalid: It is not YAML, or something in it is wrong.
        BlockMissing: A saved block that it names does not exist.
    """
    document = load_mapping(text, source, fields=(NAME, *DeliveryProfile.model_fields))
    name = name or str(document.get(NAME, default_name))
    return _Reader(document, source).read(name)


class _Reader:
    """Makes blocks of a document."""

    def __init__(self, document: CommentedMap, source: str) -> None:
        self._document = document
        self._source = source
        self._profile = ""
        self._own: dict[str, Block] = {}

    def read(self, name: str) -> ProfileFile:
        if not name.replace("-", "").isalnum() or not name.isascii() or name != name.lower():
            raise self._error((NAME,), f"{name!r} is no name of a profile")
        self._profile = name
        fields = {
            key: node for key, node in self._document.items() if key not in {NAME, MESSENGERS}
        }
        names = self._messengers()
        if names:
            fields[MESSENGERS] = names
        profile = self._made(DeliveryProfile, fields, ())
        assert isinstance(profile, DeliveryProfile)  # noqa: S101 - what was asked for
        return ProfileFile(name, profile, self._own)

    def _messengers(self) -> list[str]:
        nodes = self._document.get(MESSENGERS) or []
        if not isinstance(nodes, CommentedSeq | list):
            raise self._error((MESSENGERS,), "this must be a list")
        names: list[str] = []
        for number, node in enumerate(nodes):
            place = (MESSENGERS, number)
            if isinstance(node, str):
                if not re.fullmatch(BLOCK_NAME, node):
                    raise self._error(place, f"{node!r} is no name of a block, as TYPE/NAME")
                names.append(node)
                continue
            block = self._block(node, MessengerService, place)
            if block._block_document_name is None:  # noqa: SLF001 - Prefect keeps the name there
                self._keep(block, f"messenger-{number + 1}")
            names.append(f"{block.get_block_type_slug()}/{block._block_document_name}")  # noqa: SLF001 - as above
        return names

    def _keep(self, block: Block, part: str) -> None:
        """Let a block be saved beside the profile, and be named there."""
        name = f"{self._profile}-{part}".replace("_", "-")
        block._block_document_name = name  # noqa: SLF001 - Prefect keeps the name there
        self._own[f"{block.get_block_type_slug()}/{name}"] = block

    def _made(self, kind: type[BaseModel], fields: Mapping[str, object], place: Place) -> BaseModel:
        data: dict[str, Any] = {}
        for key, node in fields.items():
            inner = (*place, str(key))
            field = kind.model_fields.get(str(key))
            if field is None:
                known = ", ".join(kind.model_fields)
                raise self._error(inner, f"unknown field {str(key)!r}", hint=f"Known: {known}.")
            types = tuple(block_types(field.annotation))
            is_nested = types and isinstance(node, Mapping)
            data[str(key)] = self._block(node, types, inner) if is_nested else plain(node)
        try:
            made = kind.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            raise self._error((*place, *first["loc"]), first["msg"]) from None
        except MergewrightError as error:
            raise self._error(place, error.message.rstrip("."), hint=error.hint) from None
        self._refuse_secrets(made, fields, place)
        return made

    def _block(
        self, node: object, types: type[Block] | tuple[type[Block], ...], place: Place
    ) -> Block:
        if not isinstance(node, Mapping):
            raise self._error(place, "this must be a block: a mapping of fields")
        if BLOCK in node:
            return self._saved(node, types, (*place, BLOCK))
        slug = node.get(TYPE)
        known = {one.get_block_type_slug(): one for one in _concrete(types)}
        if slug is None and len(known) == 1:
            slug = next(iter(known))
        if slug not in known:
            where = place if slug is None else (*place, TYPE)
            said = "it names no type" if slug is None else f"unknown type {str(slug)!r}"
            raise self._error(where, said, hint=f"Write `type:` and one of: {', '.join(known)}.")
        fields = {key: value for key, value in node.items() if key != TYPE}
        made = self._made(known[str(slug)], fields, place)
        assert isinstance(made, Block)  # noqa: S101 - what was asked for
        if any(_is_named(getattr(made, field)) for field in type(made).model_fields):
            number = [str(part + 1) if isinstance(part, int) else part for part in place]
            self._keep(made, "-".join(number).replace("messengers", "messenger"))
        return made

    def _saved(
        self,
        node: Mapping[Any, object],
        types: type[Block] | tuple[type[Block], ...],
        place: Place,
    ) -> Block:
        if len(node) > 1:
            raise self._error(place, "a saved block has no fields here", hint="Change the block.")
        name = str(node[BLOCK])
        try:
            block = load_block(name)
        except MergewrightError as error:
            raise self._error(place, error.message.rstrip("."), hint=error.hint) from None
        if not isinstance(block, types):
            known = ", ".join(one.get_block_type_slug() for one in _concrete(types))
            raise self._error(place, f"{name!r} does not fit here", hint=f"One of: {known}.")
        return block

    def _refuse_secrets(self, made: BaseModel, fields: Mapping[str, object], place: Place) -> None:
        for inner, secret in secrets_in(made):
            if isinstance(fields.get(str(inner[0])), Mapping):
                continue  # a nested block, which was looked at when it was made
            try:
                is_reference = reference_of(secret.get_secret_value()) is not None
            except SettingInvalid as error:
                raise self._error((*place, *inner), error.message, hint=error.hint) from None
            if not is_reference:
                raise self._error(
                    (*place, *inner),
                    "a secret is written here",
                    hint=f"Keep it elsewhere, write where it is, as {' or '.join(FORMS.values())}, "
                    "and change the secret if others could read the file.",
                )

    def _error(self, place: Place, problem: str, *, hint: str = "") -> SettingInvalid:
        line, column = position_of(self._document, place)
        where = ".".join(str(part) for part in place)
        return SettingInvalid(
            f"{self._source!r}, line {line + 1}, column {column + 1}: "
            + (f"{where}: " if where else "")
            + redact(f"{problem}."),
            hint=redact(hint),
        )


def _is_named(value: object) -> bool:
    return isinstance(value, Block) and value._block_document_name is not None  # noqa: SLF001 - Prefect keeps the name there


def block_types(annotation: object) -> Iterator[type[Block]]:
    """Yield the types of blocks that a field may hold."""
    if isinstance(annotation, type) and issubclass(annotation, Block):
        yield annotation
    for inner in get_args(annotation):
        yield from block_types(inner)


def _concrete(types: type[Block] | tuple[type[Block], ...]) -> tuple[type[Block], ...]:
    """Return the blocks that may be written; for messengers, those that a profile takes."""
    if types is MessengerService:
        own = tuple(block_types(DeliveryProfile.model_fields["messenger"].annotation))
        further = (one.block for one in service_packages())
        return own + tuple(
            one
            for one in further
            if one is not None and issubclass(one, MessengerService) and one not in own
        )
    return types if isinstance(types, tuple) else (types,)
