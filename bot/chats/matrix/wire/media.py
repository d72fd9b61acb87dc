"""Files up and down: as they are in plain rooms, enciphered in others, checked on the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nio.crypto.attachments import decrypt_attachment, encrypt_attachment
from nio.exceptions import EncryptionError

from bot.chat import UndeliverableError
from bot.chats.matrix.wire.calls import Calls, in_our_words

OPAQUE = "application/octet-stream"


async def upload(calls: Calls, content: bytes, name: str, mime: str, *, encrypted: bool) -> dict[str, Any]:
    """Upload a file; give what an event says of where it is: ``url``, or ``file`` with its key."""
    with in_our_words():
        if not encrypted:
            return {"url": await calls.put_media(content, name, mime)}
        cipher, key = encrypt_attachment(content)
        return {"file": key | {"url": await calls.put_media(cipher, "", OPAQUE)}}


async def download(calls: Calls, source: Mapping[str, Any], limit_bytes: int) -> bytes:
    """Download a file by what an event says of it. Raises UndeliverableError if it is too large, gone, or forged."""
    file = source.get("file")
    enciphered = isinstance(file, Mapping)
    server, number = _address(file.get("url") if isinstance(file, Mapping) else source.get("url"))
    with in_our_words():
        found = await calls.get_media(server, number, limit_bytes)
    if found is None:
        raise UndeliverableError("file too large")
    return _clear(found, file) if enciphered and isinstance(file, Mapping) else found


def _clear(cipher: bytes, file: Mapping[str, Any]) -> bytes:
    try:
        key, proof, start = str(file["key"]["k"]), str(file["hashes"]["sha256"]), str(file["iv"])
        found: bytes = decrypt_attachment(cipher, key, proof, start)
    except (EncryptionError, KeyError, TypeError, ValueError):
        raise UndeliverableError("file cannot be deciphered") from None
    return found


def _address(url: object) -> tuple[str, str]:
    """Take an mxc address apart: « mxc://server/number »."""
    scheme, _, rest = str(url).partition("://")
    server, _, number = rest.partition("/")
    if scheme != "mxc" or not server or not number or "/" in number:
        raise UndeliverableError("no file there")
    return server, number
