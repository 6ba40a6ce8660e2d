"""What a command may fail with: a cause and a remedy in one message, and the exit code that goes with it."""

from __future__ import annotations

from typing import ClassVar


class CchcError(Exception):
    """Something failed, or an assertion broke; the message names cause and remedy."""

    exit_code: ClassVar[int] = 1


class UsageError(CchcError):
    """The command was called with what it cannot take: an unknown source, an unreadable document."""

    exit_code = 2


class LockHeldError(CchcError):
    """Another run is at work on the same corpus or output."""

    exit_code = 3
