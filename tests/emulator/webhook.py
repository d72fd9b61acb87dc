"""Telegram's calls to the bot's webhook: in order, with the secret, again and again until the answer is a 2xx."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp

from tests.emulator.updates import Updates
from tests.emulator.world import Json

HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Caller:
    """Calls while a webhook is set. ``answers`` lists the status of every call, 0 where none came."""

    def __init__(self, updates: Updates, retry_seconds: float = 0.05) -> None:
        self.answers: list[int] = []
        self.last_error: Json = {}
        self._updates = updates
        self._retry_seconds = retry_seconds

    async def run(self) -> None:
        """Call until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                waiting = self._updates.waiting if self._updates.webhook else []
                if not waiting:
                    await self._updates.changed()
                elif await self._taken(session, waiting[0]):
                    self._updates.taken(waiting[0])
                else:
                    await asyncio.sleep(self._retry_seconds)

    def info(self) -> Json:
        """Answer getWebhookInfo."""
        return {
            "url": self._updates.webhook.get("url", ""), "has_custom_certificate": False,
            "pending_update_count": len(self._updates.waiting), **self.last_error,
        }  # fmt: skip

    async def _taken(self, session: aiohttp.ClientSession, update: Json) -> bool:
        secret = str(self._updates.webhook.get("secret_token", ""))
        headers = {"Content-Type": "application/json", **({HEADER: secret} if secret else {})}
        try:
            async with session.post(
                str(self._updates.webhook["url"]), data=json.dumps(update).encode(), headers=headers
            ) as answer:
                code = answer.status
        except aiohttp.ClientError:
            code = 0
        self.answers.append(code)
        if 200 <= code < 300:
            return True
        said = f"Wrong response from the webhook: {code}" if code else "Connection refused"
        self.last_error = {"last_error_date": int(time.time()), "last_error_message": said}
        self._updates.told()
        return False
