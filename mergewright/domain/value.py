"""What every value of the domain has in common."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value with no unknown fields, whose attribute docstrings are its descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
