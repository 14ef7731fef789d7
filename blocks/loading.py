"""Loading blocks that are named, with errors that say what to do."""

from typing import cast

from prefect.blocks.core import Block, UnknownBlockType
from pydantic import ValidationError

from blocks.services import MessengerService
from mergewright.errors import BlockMissing, SettingInvalid


def load_block(name: str) -> Block:
    """Load a block by the slug of its type and its name.

    Raises:
        BlockMissing: There is none of this name.
        SettingInvalid: It holds a bad value.
    """
    try:
        # not `Block.load`: it passes over what a class does when it is loaded
        slug, _, own = name.partition("/")
        return cast("Block", Block.get_block_class_from_key(slug).load(own))
    except RuntimeError as error:
        if not isinstance(error.__cause__, ValidationError):
            raise
        raise unusable(f"block {name!r}", error.__cause__) from None
    except (ValueError, UnknownBlockType) as error:
        raise BlockMissing(
            f"There is no block {name!r}.",
            hint="Name a saved block by its type and name, as mergewright-mail/team.",
        ) from error


def load_messenger(name: str) -> MessengerService:
    """Load a messenger by the slug of its type and its name.

    Raises:
        BlockMissing: There is none of this name.
        SettingInvalid: It holds a bad value.
    """
    block = load_block(name)
    if not isinstance(block, MessengerService):
        raise BlockMissing(
            f"The block {name!r} is no messenger.",
            hint="Name a block that tells people, as mergewright-mail/team.",
        )
    return block


def unusable(what: str, error: ValidationError) -> SettingInvalid:
    """Return the error for a saved block with a bad value, without the value."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return SettingInvalid(
        f"The {what} cannot be used: {place}: {first['msg']}.",
        hint="Correct it in the Prefect UI or with `mergewright profile apply`, or install the "
        "package that its service comes from.",
    )
