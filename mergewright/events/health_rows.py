"""What is known of a service, as text in a store and back."""

from pydantic import ValidationError

from mergewright.domain.health import ServiceHealth


def encode_health(health: ServiceHealth) -> str:
    """Return the text that is kept."""
    return health.model_dump_json(exclude_defaults=True)


def decode_health(text: str | bytes | None, service: str, host: str) -> ServiceHealth:
    """Return what a text tells; one that cannot be read, or of another version, tells nothing."""
    if text:
        try:
            return ServiceHealth.model_validate_json(text)
        except ValidationError:
            pass
    return ServiceHealth(service=service, host=host)
