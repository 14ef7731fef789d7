"""From options on the command line to a workflow's request, and back to the option at fault."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mergewright.domain.requests import ApprovalPoint, DeliveryRequest, StandardDevRequest
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import redact

OPTIONS: Mapping[str, str] = MappingProxyType({"ticket": "TICKET", "repository": "--repo"})
Q = TypeVar("Q", bound=DeliveryRequest)

RECORDED = "recorded:"
MAX_SHOWN_CHARACTERS = 80


def parse_approve(text: str) -> tuple[ApprovalPoint, ...]:
    """Read `plan`, `change`, `publish`, several of them with commas between, or `none`.

    Raises:
        SettingInvalid: Another word is in it.
    """
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    if words in ([], ["none"]):
        return ()
    known = {point.value for point in ApprovalPoint}
    for word in words:
        if word not in known:
            raise SettingInvalid(
                f"--approve {text!r}: {word!r} is not a point where a run can stop.",
                hint="Give plan, change, publish, several of them as plan,change, or none.",
            )
    return tuple(point for point in ApprovalPoint if point.value in words)


def build_request(
    form: type[Q],
    *,
    names: Mapping[str, str] = OPTIONS,
    **fields: Any,  # noqa: ANN401 - pydantic checks them
) -> Q:
    """Return the request, with local places made absolute so that it means the same anywhere.

    Args:
        form: The workflow's request.
        names: What a person types for a field, where that is not the field's own name.
        fields: What it is asked for.

    Raises:
        SettingInvalid: A value is out of bounds; the message names its option.
    """
    if Path(fields.get("ticket", "")).suffix:
        fields["ticket"] = absolute(fields["ticket"])
    fields["repository"] = absolute(fields["repository"])
    model = fields.get("model")
    if isinstance(model, str) and model.startswith(RECORDED):
        fields["model"] = RECORDED + absolute(model.removeprefix(RECORDED))
    try:
        return form(**fields)
    except ValidationError as error:
        raise explain(error, form, names) from error


def explain(
    error: ValidationError,
    form: type[BaseModel] = StandardDevRequest,
    options: Mapping[str, str] = OPTIONS,
) -> SettingInvalid:
    """Say which option has which bad value, and why.

    Args:
        error: What is wrong with a request.
        form: The request.
        options: What a person types for a field, where that is not the field's own name.
    """
    first = error.errors(include_url=False)[0]
    if not first["loc"]:
        return SettingInvalid(f"This does not go together: {reason_of(error)}.", hint="See: --help")
    field = str(first["loc"][0])
    option = options.get(field, f"--{field.replace('_', '-')}")
    value = redact(repr(first["input"]))
    if len(value) > MAX_SHOWN_CHARACTERS:
        value = value[:MAX_SHOWN_CHARACTERS] + "…"
    description = form.model_fields[field].description or ""
    return SettingInvalid(f"{option} {value}: {reason_of(error)}.", hint=f"{option}: {description}")


def reason_of(error: ValidationError) -> str:
    """Return what is wrong first, as a part of a sentence."""
    told = error.errors(include_url=False, include_input=False)[0]["msg"]
    told = told.removeprefix("Value error, ")
    return told[:1].lower() + told[1:]


def explain_setting(error: ValidationError) -> SettingInvalid:
    """Say which environment variable has a bad value, and why; a secret's value is not shown."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    variable = field if field.isupper() else f"MERGEWRIGHT_{field.upper()}"
    return SettingInvalid(
        f"{variable}: {reason_of(error)}.", hint=f"Correct {variable}, or unset it."
    )


def absolute(name: str) -> str:
    """Return the absolute path of a file or folder that is there; any other name as it is."""
    try:
        path = Path(name).expanduser()
        return str(path.resolve()) if name and path.exists() else name
    except (OSError, RuntimeError, ValueError):
        return name
