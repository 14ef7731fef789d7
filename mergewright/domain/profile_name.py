"""The name of a delivery profile, which a form shows as a choice among the saved ones.

Prefect's forms give a chosen block by its id, and its engine loads it before the flow is called; a
request keeps the block's name, as every other door gives it.

Source: `prefect.flows.Flow.validate_parameters` and the forms of both UIs of Prefect 3.8.8, read and
run 2026-11-20: a field with a `block_type_slug` is a choice, but the older UI asks for the type first
where the schema has one of several, so that it names none.
"""

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

PROFILE_BLOCK = "mergewright-delivery-profile"
"""Slug of the block's type."""
PROFILE_NAME = r"^[a-z0-9][a-z0-9-]*$"


def read_profile(given: object) -> object:
    """Return the name of a saved block; anything else as it is."""
    return getattr(given, "_block_document_name", None) or given


ProfileName = Annotated[
    str,
    BeforeValidator(read_profile),
    WithJsonSchema({"block_type_slug": PROFILE_BLOCK}),
]
"""A name, or the block itself."""
