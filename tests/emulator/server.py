"""The server: one address for all methods and one for files, on this machine only, with what goes wrong on demand."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web

from tests.emulator import arranging, invoices, sending
from tests.emulator.call import Call, read
from tests.emulator.faults import BadGateway, Drop, Fault, Faults, Limits
from tests.emulator.refusals import RefusedError
from tests.emulator.updates import Updates
from tests.emulator.webhook import Caller
from tests.emulator.world import World

PAGE = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>"
SENDS = {"sendMessage", "sendDocument", "sendPhoto", "sendInvoice"}
Method = Callable[["BotApi", Call], Awaitable[Any]]

METHODS: dict[str, Method] = {
    method.__name__.replace("_", ""): method
    for method in (
        sending.send_message, sending.send_document, sending.send_photo, sending.edit_message_text,
        sending.edit_message_caption, sending.edit_message_reply_markup, sending.delete_message,
        sending.send_chat_action, arranging.get_me, arranging.get_updates, arranging.set_webhook,
        arranging.delete_webhook, arranging.get_webhook_info, arranging.answer_callback_query, arranging.get_file,
        arranging.set_my_commands, arranging.get_my_commands, arranging.delete_my_commands, arranging.get_chat,
        arranging.leave_chat, invoices.send_invoice, invoices.answer_pre_checkout_query,
    )
}  # fmt: skip


class BotApi:
    """See the package's docstring for how to drive it."""

    def __init__(self, port: int = 0) -> None:
        self.world = World()
        self.updates = Updates()
        self.caller = Caller(self.updates)
        self.faults = Faults()
        self.limits = Limits()
        self.calls: list[Call] = []
        self.sent = 0
        self.url = ""
        self.before: Callable[[Call], None] = lambda _call: None
        self.app = web.Application(client_max_size=60_000_000)
        self._port = port
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.updates.told = self.tell
        self.app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self.app.router.add_get("/file/bot{token}/{path:.*}", self._file)
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._calling = asyncio.create_task(self.caller.run())
        return self

    async def __aexit__(self, *_trouble: object) -> None:
        self._calling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._calling
        self.updates.close()
        await self._runner.cleanup()

    def fail(self, method: str, *faults: Fault) -> None:
        """Have the next calls of a method (« * »: of any) fail, one fault each."""
        self.faults.plan(method, *faults)

    def called(self, method: str) -> list[Call]:
        """List the calls of a method, refused ones too."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until something holds; it is looked at whenever something happens here. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self._changed.wait()

    def tell(self) -> None:
        """Have those look again who wait for a condition."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        call = await read(request, request.match_info["method"])
        call.at = time.monotonic()
        self.calls.append(call)
        self.before(call)
        answer = await self._answered(request, call)
        self.tell()
        return answer

    async def _answered(self, request: web.Request, call: Call) -> web.StreamResponse:
        fault = self.faults.meet(call.method)
        if isinstance(fault, BadGateway):
            call.code = 502
            return web.Response(status=502, text=PAGE, content_type="text/html")
        if fault is Drop.BEFORE:
            return _lost(request)
        try:
            if isinstance(fault, RefusedError):
                raise fault
            result = await self._method(request.match_info["token"], call)
        except RefusedError as refusal:
            call.code, call.said = refusal.code, refusal.description
            return web.json_response(refusal.body(), status=refusal.code)
        call.code = 200
        self.sent += call.method in SENDS
        return _lost(request) if fault is Drop.AFTER else web.json_response({"ok": True, "result": result})

    async def _method(self, token: str, call: Call) -> Any:
        self._admit(token)
        method = METHODS.get(call.method.lower())
        if method is None:
            raise RefusedError(404, "Not Found: method not found")
        return await method(self, call)

    def _admit(self, token: str) -> None:
        if token == self.world.token:
            return
        number, colon, _secret = token.partition(":")
        raise RefusedError(401, "Unauthorized") if colon and number.isdigit() else RefusedError(404, "Not Found")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.meet("file")
        if isinstance(fault, Drop):
            return _lost(request)
        file = self.world.files.get(request.match_info["path"].removeprefix("documents/"))
        if request.match_info["token"] != self.world.token or file is None:
            return web.json_response(RefusedError(404, "Not Found").body(), status=404)
        return web.Response(body=file.content)


def _lost(request: web.Request) -> web.StreamResponse:
    """Close the connection: whatever is answered now reaches nobody."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response(status=500)
