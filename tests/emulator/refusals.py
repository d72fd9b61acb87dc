"""The Bot API's refusals, in its own words."""

from __future__ import annotations

from typing import Any


class RefusedError(Exception):
    """A method refuses: the status, what it says, and the parameters that go with it."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """Make the JSON that the Bot API answers with."""
        said: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return {**said, "parameters": self.parameters} if self.parameters else said


def bad(description: str, **parameters: int) -> RefusedError:
    """Make a 400."""
    return RefusedError(400, f"Bad Request: {description}", **parameters)


def forbidden(description: str) -> RefusedError:
    """Make a 403."""
    return RefusedError(403, f"Forbidden: {description}")


def conflict(description: str) -> RefusedError:
    """Make a 409."""
    return RefusedError(409, f"Conflict: {description}")


def flood(seconds: int) -> RefusedError:
    """Make a 429."""
    return RefusedError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def broken() -> RefusedError:
    """Make a 500."""
    return RefusedError(500, "Internal Server Error")
