"""What changed in the operations of an API since an earlier document."""

from dataclasses import dataclass

from mergewright.texts.openapi_document import ApiDocument, Operation


@dataclass(frozen=True, slots=True)
class ApiChanges:
    """Operations that were added, changed or removed."""

    added: frozenset[tuple[str, str]] = frozenset()
    changed: tuple[tuple[tuple[str, str], tuple[str, ...]], ...] = ()
    """Each with what changed in it."""
    removed: tuple[Operation, ...] = ()

    def of(self, operation: Operation) -> tuple[str, ...]:
        """Return what changed in an operation."""
        return dict(self.changed).get(operation.key, ())


def changes_since(earlier: ApiDocument, now: ApiDocument) -> ApiChanges:
    """Return what changed between two documents; schemas that are referred to count.

    Raises:
        SettingInvalid: A document has a mistake.
    """
    old = {operation.key: operation for operation in earlier.operations()}
    new = {operation.key: operation for operation in now.operations()}
    changed = []
    for key, operation in new.items():
        if key in old and (parts := tuple(_differences(earlier, old[key], now, operation))):
            changed.append((key, parts))
    return ApiChanges(
        added=frozenset(new.keys() - old.keys()),
        changed=tuple(changed),
        removed=tuple(operation for key, operation in old.items() if key not in new),
    )


def _differences(
    earlier: ApiDocument, old: Operation, now: ApiDocument, new: Operation
) -> list[str]:
    before, after = _aspects(earlier, old), _aspects(now, new)
    told = [f"{name} added" for name in after if name not in before]
    told += [f"{name} removed" for name in before if name not in after]
    told += [f"{name} changed" for name in after if name in before and before[name] != after[name]]
    if not old.raw.get("deprecated") and new.raw.get("deprecated"):
        told.append("deprecated")
    return sorted(told)


def _aspects(document: ApiDocument, operation: Operation) -> dict[str, object]:
    """Return what is compared, by the words that it is told in."""
    found: dict[str, object] = {
        f"{one.place} parameter {one.name}": one.raw for one in operation.parameters
    }
    if operation.request is not None:
        found["request body"] = operation.request
    for status, response in document.responses(operation).items():
        found[f"response {status}"] = response
    for name in ("summary", "description"):
        if operation.raw.get(name):
            found[name] = operation.raw[name]
    return {name: (part, document.reached(part, operation.place)) for name, part in found.items()}
