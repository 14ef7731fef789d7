"""From options on the command line to a workflow's request, and back to the option at fault."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mergewright.domain.requests import ApprovalPoint, StandardDevRequest
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import redact

OPTIONS = {"ticket": "TICKET", "repository": "--repo", "base": "--base"}
RECORDED = "recorded:"
MAX_SHOWN_CHARACTERS = 80


def parse_approve(text: str) -> tuple[ApprovalPoint, ...]:
    """Read `plan`, `change`, `plan,change` or `none`.

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
                hint="Give plan, change, plan,change or none.",
            )
    return tuple(point for point in ApprovalPoint if point.value in words)


def build_request(**fields: Any) -> StandardDevRequest:  # noqa: ANN401 - pydantic checks them
    """Return the request, with local places made absolute so that it means the same anywhere.

    Raises:
        SettingInvalid: A value is out of bounds; the message names its option.
    """
    if Path(fields["ticket"]).suffix:
        fields["ticket"] = _absolute(fields["ticket"])
    fields["repository"] = _absolute(fields["repository"])
    model = fields.get("model")
    if isinstance(model, str) and model.startswith(RECORDED):
        fields["model"] = RECORDED + _absolute(model.removeprefix(RECORDED))
    try:
        return StandardDevRequest(**fields)
    except ValidationError as error:
        raise explain(error) from error


def explain(error: ValidationError) -> SettingInvalid:
    """Say which option has which bad value, and why."""
    first = error.errors(include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    option = OPTIONS.get(field, f"--{field.replace('_', '-')}")
    value = redact(repr(first["input"]))
    if len(value) > MAX_SHOWN_CHARACTERS:
        value = value[:MAX_SHOWN_CHARACTERS] + "…"
    description = StandardDevRequest.model_fields[field].description or ""
    reason = first["msg"][:1].lower() + first["msg"][1:]
    return SettingInvalid(f"{option} {value}: {reason}.", hint=f"{option}: {description}")


def explain_setting(error: ValidationError) -> SettingInvalid:
    """Say which environment variable has a bad value, and why; a secret's value is not shown."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    variable = field if field.isupper() else f"MERGEWRIGHT_{field.upper()}"
    reason = first["msg"][:1].lower() + first["msg"][1:]
    return SettingInvalid(f"{variable}: {reason}.", hint=f"Correct {variable}, or unset it.")


def _absolute(name: str) -> str:
    try:
        path = Path(name).expanduser()
        return str(path.resolve()) if name and path.exists() else name
    except (OSError, RuntimeError, ValueError):
        return name
