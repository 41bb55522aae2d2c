"""The ways in that an invitation code opens: a link to the page, a link to the bot, a picture to scan in WeChat."""

import asyncio

from bot.house import House
from handlers.societies.joining import LASTS, plain_code


class NoWay(Exception):
    """This channel has no link for an invitation now; the text is the message that says why."""


def links(house: House, code: str) -> dict[str, str]:
    """By channel, what can be sent to her as it is."""
    with house.db.read() as db:
        return house.premises.links(db, code)


def link(house: House, code: str, channel: str) -> str:
    """What a QR picture for this channel must hold. Raises NoWay; what WeChat refuses passes as Undelivered."""
    if channel == "wechat":
        if not house.settings.on("wechat"):
            raise NoWay("no_way_off")
        return asyncio.run(_wechat(house, code))
    found = links(house, code)
    if channel not in found:
        raise NoWay("no_way_unknown" if house.settings.on("telegram") else "no_way_off")
    return found[channel]


async def _wechat(house: House, code: str) -> str:
    from bot.wechat.carrying import WeChatCarrier

    carrier = WeChatCarrier(house)
    try:
        return await carrier.invited_by(plain_code(code) or code, int(LASTS.total_seconds()))
    finally:
        await carrier.api.close()
