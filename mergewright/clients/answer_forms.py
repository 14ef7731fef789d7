"""The form in which the JSON of a service is read."""

from pydantic import BaseModel, model_validator


class Form(BaseModel):
    """Something in an answer; what is null there is left out, so that its default holds."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: held for name, held in value.items() if held is not None}
