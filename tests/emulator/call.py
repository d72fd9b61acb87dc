"""A call of a method as the server has read it: every parameter is text, whichever way it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.emulator.refusals import bad


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    name: str
    content: bytes
    mime: str


@dataclass
class Call:
    """One call. ``code`` and ``said`` are the answer, for the log; ``at`` a steady clock's seconds."""

    method: str
    given: Mapping[str, str]
    files: Mapping[str, Upload] = field(default_factory=dict)
    at: float = 0.0
    code: int = 0
    said: str = ""

    def text(self, name: str) -> str:
        """Give a parameter, empty if it was not given."""
        return self.given.get(name, "")

    def number(self, name: str, default: int = 0) -> int:
        """Give a whole number; refuse what is none."""
        written = self.text(name)
        try:
            return int(written) if written else default
        except ValueError:
            raise bad(f'field "{name}" must be a number') from None

    def listed(self, name: str) -> list[Any] | None:
        """Give a list written as JSON, None if it was not given."""
        written = self.text(name)
        return list(json.loads(written)) if written else None

    def mapping(self, name: str) -> dict[str, Any]:
        """Give an object written as JSON."""
        written = self.text(name)
        return dict(json.loads(written)) if written else {}

    def upload(self, name: str) -> Upload | None:
        """Find a file sent along: under the parameter's own name, or where « attach://name » points."""
        return self.files.get(self.text(name).removeprefix("attach://")) or self.files.get(name)


async def read(request: web.Request, method: str) -> Call:
    """Read a call from the address, a form, a multipart form or JSON."""
    given, files = dict(request.query), {}
    if request.content_type == "application/json":
        body = await request.json()
        given |= {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = Upload(value.filename, value.file.read(), value.content_type)
            else:
                given[name] = value if isinstance(value, str) else bytes(value).decode()
    return Call(method, given, files)
