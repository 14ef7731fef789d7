"""Bringing Prefect's profiles to what files say: looked at first, and written only where it differs."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from io import StringIO
from typing import Literal, NamedTuple
from uuid import UUID

import httpx
from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from ruamel.yaml import YAML

from blocks.loading import load_block
from blocks.profile import DeliveryProfile, load_profile
from blocks.profile_checks import ServiceFinding, check_block, find
from blocks.profile_documents import Difference, differences, document_of, masked_fields
from blocks.profile_files import ProfileFile
from mergewright.errors import BlockMissing, ServiceUnavailable, SettingInvalid

Outcome = Literal["created", "changed", "unchanged"]
UNREADABLE = (Difference("(all)", "cannot be read", "as in the file"),)
YAML_WIDTH = 100


class Change(NamedTuple):
    """What becomes, or became, of one saved block."""

    name: str
    """Its type and name."""
    outcome: Outcome
    differences: tuple[Difference, ...]


class KnownProfile(NamedTuple):
    """A profile that is saved."""

    name: str
    services: tuple[str, ...]
    """Types of its services; empty when it cannot be read."""
    updated_at: datetime | None
    problem: str = ""


def plan_profile(file: ProfileFile) -> tuple[Change, ...]:
    """Return what applying a file would change; changes nothing."""
    return tuple(_change(name, block, _saved_block(name)) for name, block in _blocks(file))


def apply_profile(file: ProfileFile) -> tuple[Change, ...]:
    """Save what a file says where it differs from what is there, and return what was done."""
    changes = []
    for name, block in _blocks(file):
        saved = _saved_block(name)
        change = _change(name, block, saved)
        if change.outcome != "unchanged":
            block.save(name.partition("/")[2], overwrite=True)
        elif isinstance(saved, Block):
            # whoever names it refers to it by its id
            block._block_document_id = saved._block_document_id  # noqa: SLF001 - Prefect keeps it there
        changes.append(change)
    return tuple(changes)


def check_file(file: ProfileFile) -> tuple[ServiceFinding, ...]:
    """Ask each service that a file names who we are there, before anything is saved."""
    own = file.messengers
    saved = [name for name in file.profile.messengers if name not in own]
    findings = file.profile.model_copy(update={"messengers": saved}).check()
    return findings + tuple(
        find(f"messengers {name}", type(one).__name__, partial(check_block, one))
        for name, one in own.items()
    )


def export_profile(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a saved profile as YAML, and which of its secrets are masked there.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: It cannot be read.
    """
    document = {"name": name, **document_of(require_profile(name), typed=False)}
    yaml = YAML()
    yaml.width = YAML_WIDTH
    text = StringIO()
    yaml.dump(document, text)
    return text.getvalue(), tuple(masked_fields(document))


def require_profile(name: str) -> DeliveryProfile:
    """Load a profile that is there; unlike for a run, `local` is not made.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: It cannot be read.
    """
    if name not in {one.name for one in _saved()}:
        raise BlockMissing(
            f"There is no delivery profile {name!r}.",
            hint="See: mergewright profile list",
        )
    return load_profile(name)


def known_profiles() -> tuple[KnownProfile, ...]:
    """Return every saved profile, by name."""
    return tuple(_known(one) for one in sorted(_saved(), key=lambda one: one.name))


class _Saved(NamedTuple):
    id: UUID
    name: str
    updated_at: datetime | None


def _saved() -> list[_Saved]:
    """Return what Prefect has.

    Raises:
        ServiceUnavailable: Prefect does not answer.
    """
    slug = DeliveryProfile.get_block_type_slug()
    try:
        with get_client(sync_client=True) as client:
            found = client.request(
                "GET", "/block_types/slug/{slug}/block_documents", path_params={"slug": slug}
            )
    except httpx.HTTPStatusError as error:
        if error.response.status_code == httpx.codes.NOT_FOUND:
            return []
        raise ServiceUnavailable("Prefect's API refuses to list blocks.") from error
    except httpx.HTTPError as error:
        raise ServiceUnavailable(
            "Prefect's API does not answer.", hint="See whether `prefect server start` still runs."
        ) from error
    return [
        _Saved(UUID(one["id"]), one["name"], datetime.fromisoformat(one["updated"]))
        for one in found.json()
        if one["name"] and not one["is_anonymous"]
    ]


def _known(saved: _Saved) -> KnownProfile:
    try:
        profile = load_profile(saved.name)
    except SettingInvalid as error:
        return KnownProfile(saved.name, (), saved.updated_at, error.message)
    blocks: tuple[Block, ...] = (
        profile.tracker,
        profile.code_host,
        profile.wiki,
        profile.messenger,
    )
    kinds = [block.get_block_type_slug() for block in blocks]
    kinds += [name.partition("/")[0] for name in profile.messengers]
    return KnownProfile(saved.name, tuple(kinds), saved.updated_at)


def _blocks(file: ProfileFile) -> Iterator[tuple[str, Block]]:
    yield from file.blocks.items()
    yield f"{DeliveryProfile.get_block_type_slug()}/{file.name}", file.profile


def _saved_block(name: str) -> Block | SettingInvalid | None:
    try:
        return load_block(name)
    except BlockMissing:
        return None
    except SettingInvalid as error:
        return error


def _change(name: str, block: Block, saved: Block | SettingInvalid | None) -> Change:
    if isinstance(saved, SettingInvalid):
        return Change(name, "changed", UNREADABLE)
    after = document_of(block, typed=False)
    if saved is None:
        return Change(name, "created", differences({}, after))
    found = differences(document_of(saved, typed=False), after)
    return Change(name, "changed" if found else "unchanged", found)
