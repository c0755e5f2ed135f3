"""What goes wrong between a client and its server, how often, and whether it has."""

import re
from dataclasses import dataclass, field


@dataclass
class Fault:
    """What goes wrong, and how often still."""

    times: int
    struck: int = 0


@dataclass
class Break(Fault):
    """A connection is lost after so many bytes of all connections in one direction."""

    after: int = 0
    up: bool = True
    orderly: bool = False
    """Ended as if all had been said (FIN), not reset."""
    passed: int = 0


@dataclass
class RequestFault(Fault):
    """Something that happens to requests whose first line matches."""

    request: re.Pattern[bytes] = field(default=re.compile(b""))


@dataclass
class LostReply(RequestFault):
    """The server gets the request and does it; its answer is lost."""


@dataclass
class Refusal(RequestFault):
    """The request is answered with an error and reaches no server."""

    status: int = 503
    code: str = "SlowDown"


@dataclass
class Held(RequestFault):
    """Only the request's head reaches the server; the rest stays on its way."""
