"""Several messengers behind the one port: each is told, and one that fails harms no other.

The reference of a message is a JSON object with each channel's own reference under its name. What
went wrong is kept as notes, for telling people is no reason to fail: unless asked to be strict, the
combination raises nothing. Each channel's calls go through its own circuit, by service and host.
"""

import json
import threading
from collections.abc import Callable, Mapping

from mergewright.clients.ports import Effect, Messenger, NoteTaking
from mergewright.domain.notice import Notice
from mergewright.errors import MergewrightError, PostUncertain, Rejected, ServiceUnavailable
from mergewright.safety.redaction import redact

_Tell = Callable[[Messenger, str], Effect[str]]


class Messengers:
    """Tells by every channel.

    A second `send` with the same marker tells only the channels that the first one did not reach.

    Args:
        channels: Messengers by a name that does not change from run to run, as `slack`.
        strict: Raise the first failure, after every channel was tried.
    """

    def __init__(self, channels: Mapping[str, Messenger], *, strict: bool = False) -> None:
        self._channels = dict(channels)
        self._strict = strict
        self._lock = threading.Lock()
        self._notes: list[str] = []
        self._sent: dict[tuple[str, str], Effect[str]] = {}

    def send(self, notice: Notice, *, marker: str, thread: str = "") -> Effect[str]:
        """Tell by every channel; return their references. Found means that all had it already.

        Raises:
            MergewrightError: A channel failed, if that was asked for.
        """
        threads = _parts(thread) or {}

        def tell(messenger: Messenger, name: str) -> Effect[str]:
            earlier = self._sent.get((name, marker))
            if earlier is not None:
                return Effect(earlier.value, found=True)
            try:
                effect = messenger.send(notice, marker=marker, thread=threads.get(name, ""))
            except PostUncertain:
                self._sent[name, marker] = Effect("", found=False)
                raise
            self._sent[name, marker] = effect
            return effect

        return _together(self._each(tell))

    def update(self, reference: str, notice: Notice) -> Effect[str]:
        """Replace a message wherever it is; where it never arrived nothing is sent.

        Raises:
            Rejected: This is no reference of ours.
            MergewrightError: A channel failed, if that was asked for.
        """
        parts = _parts(reference)
        if parts is None:
            raise Rejected(
                f"{reference!r} is no reference of a message to several channels.",
                hint="Give what `send` returned.",
            )
        told = self._each(
            lambda messenger, name: messenger.update(parts[name], notice),
            only=frozenset(name for name, part in parts.items() if part),
        )
        return Effect(reference, found=_all_found(told))

    def take_notes(self) -> tuple[str, ...]:
        """Return what went wrong since the last call, and forget it."""
        with self._lock:
            notes, self._notes = tuple(self._notes), []
        return notes

    def _each(self, tell: _Tell, only: frozenset[str] | None = None) -> dict[str, Effect[str]]:
        told: dict[str, Effect[str]] = {}
        failures: list[MergewrightError] = []
        for name, messenger in self._channels.items():
            if only is not None and name not in only:
                continue
            try:
                told[name] = self._one(tell, name, messenger)
            except MergewrightError as error:
                failures.append(error)
                self._note(name, f"not told: {error.message}")
            if isinstance(messenger, NoteTaking):
                for note in messenger.take_notes():
                    self._note(name, note)
        if failures and self._strict:
            raise failures[0]
        return told

    def _one(self, tell: _Tell, name: str, messenger: Messenger) -> Effect[str]:
        try:
            return tell(messenger, name)
        except PostUncertain as error:
            # It may have arrived: a second try would be the greater harm.
            self._note(name, f"the message may not have arrived: {error.message}")
            return Effect("", found=False)
        except MergewrightError:
            raise
        except Exception as error:  # a channel may be anybody's package
            raise ServiceUnavailable(
                redact(f"The messenger {name!r} broke: {type(error).__name__}: {error}"),
                hint="Look into the package that the messenger comes from.",
            ) from error

    def _note(self, name: str, text: str) -> None:
        with self._lock:
            self._notes.append(redact(f"{name}: {text}"))


def _together(told: Mapping[str, Effect[str]]) -> Effect[str]:
    references = {name: effect.value for name, effect in told.items() if effect.value}
    value = json.dumps(references, separators=(",", ":")) if references else ""
    return Effect(value, found=_all_found(told))


def _all_found(told: Mapping[str, Effect[str]]) -> bool:
    return bool(told) and all(effect.found for effect in told.values())


def _parts(reference: str) -> dict[str, str] | None:
    """Return each channel's own reference; None when it is none of ours."""
    try:
        parts = json.loads(reference or "{}")
    except ValueError:
        return None
    is_ours = isinstance(parts, dict) and all(isinstance(part, str) for part in parts.values())
    return parts if is_ours else None
