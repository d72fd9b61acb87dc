"""Who may speak to the page's server: this browser, on this machine, at the address that was announced; nobody else.

Any page open in the same browser could try to reach a server on 127.0.0.1. So the address holds a secret, the names under
which the server may be called are known, and whatever changes something must come from our own page.
"""

from __future__ import annotations

import secrets

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

NAMES = ("127.0.0.1", "localhost")
TOKEN_BYTES = 16
REFUSED = "Cette page est celle d'une démo : ouvrez l'adresse entière qu'affiche le terminal."


def guard(token: str) -> Middleware:
    """Make the middleware that lets through what knows the token and comes from our page, and shuts the page in."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not (_well_named(request) and _knows(request, token) and _from_our_page(request)):
            return web.Response(status=403, text=REFUSED, headers=_walls(request))
        return await handler(request)

    return check


async def shut_in(request: web.Request, response: web.StreamResponse) -> None:
    """Add to every answer what keeps the page from loading or telling anything elsewhere."""
    response.headers.update(_walls(request))


def _well_named(request: web.Request) -> bool:
    """Tell whether the server was called by its own name: a foreign one that leads here is a trick (DNS rebinding)."""
    return request.headers.get(hdrs.HOST, "") in _hosts(request)


def _hosts(request: web.Request) -> set[str]:
    assert request.transport is not None
    port = request.transport.get_extra_info("sockname")[1]
    return {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())


def _knows(request: web.Request, token: str) -> bool:
    said = request.path.split("/")[1]
    return secrets.compare_digest(said.encode(), token.encode())


def _from_our_page(request: web.Request) -> bool:
    """Tell whether a request may come from where it says; browsers always say where a change or a live line comes from."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return request.method in {hdrs.METH_GET, hdrs.METH_HEAD} and hdrs.UPGRADE not in request.headers
    return origin == f"http://{request.headers[hdrs.HOST]}"


def _walls(request: web.Request) -> dict[str, str]:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self' ws://{request.headers.get(hdrs.HOST, '')}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy if _well_named(request) else "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
