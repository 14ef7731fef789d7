"""By which ways a run tells people: each messenger of the profile, and each person of its directory.

Each way is told on its own: one that fails keeps no other from being told, and is tried again alone.
"""

from blocks.loading import load_messenger
from blocks.messengers import MailMessenger
from blocks.profile import DeliveryProfile
from blocks.services import MessengerService, SlackChannelMessenger
from mergewright.clients.ports import Messenger
from mergewright.domain.recipients import Channel, Telling
from mergewright.errors import SettingInvalid

FIRST = ""
"""The profile's messenger; the further ones have the names of their blocks."""
_PERSON = "@"
_KINDS: dict[Channel, type[MessengerService]] = {
    Channel.MAIL: MailMessenger,
    Channel.SLACK: SlackChannelMessenger,
}


def team_channels(profile: DeliveryProfile) -> tuple[str, ...]:
    """Return the ways by which the whole team is told."""
    return (FIRST, *profile.messengers)


def channel_of(telling: Telling) -> str:
    """Return the way by which a person is told, as `@mail:ada@example.org`."""
    return f"{_PERSON}{telling.channel}:{telling.address}"


def connect_channel(profile: DeliveryProfile, name: str) -> Messenger:
    """Return a client of one way to tell people.

    Raises:
        BlockMissing: There is no messenger of this name.
        SettingInvalid: No messenger of the profile can reach the person, or it is set up wrongly.
        MergewrightError: A secret is a reference that leads to none.
    """
    if name == FIRST:
        return profile.messenger.connect()
    if not name.startswith(_PERSON):
        return load_messenger(name).connect()
    kind, _, address = name.removeprefix(_PERSON).partition(":")
    block = _messenger_of(profile, Channel(kind))
    if isinstance(block, MailMessenger):
        return block.model_copy(update={"recipients": (address,)}).connect()
    # a message to a person's id is a direct message
    return block.model_copy(update={"channel": address}).connect()


def _messenger_of(profile: DeliveryProfile, kind: Channel) -> MessengerService:
    wanted = _KINDS[kind]
    if isinstance(profile.messenger, wanted):
        return profile.messenger
    for name in profile.messengers:
        block = load_messenger(name)
        if isinstance(block, wanted):
            return block
    raise SettingInvalid(
        f"Somebody wants to be told by {kind}, and the profile has no messenger for that.",
        hint=f"Add a {wanted.__name__} to the profile's messengers, or change the person's channel.",
    )
