"""The product's one error tree.

    MinzhengError
    ├── BadInput              a value that can't be understood: what, where, what to do   BAD_USER_INPUT
    │   ├── UnreadableFile    a file that can't be read at all
    │   └── BadSetting        a setting of the installation
    ├── Unauthenticated       no token, or one that doesn't hold                          UNAUTHENTICATED
    ├── Forbidden             this role may not do that                                   FORBIDDEN
    ├── NotFound              nothing there, or nothing this caller may see               NOT_FOUND
    ├── Conflict              someone else was first                                      CONFLICT
    │   ├── VersionConflict   a stream has moved on
    │   ├── IdentifierTaken   an identifier already belongs to another person
    │   └── PlaceTaken        another process has taken this work over
    ├── RuleViolated          a decision the rules forbid                                 RULE_VIOLATED
    │   └── ParameterNotInForce   no version of a parameter for that division and day
    ├── TooComplex            a query over its budget                                     TOO_COMPLEX
    └── Unavailable           a server that can't be reached now                          UNAVAILABLE

Every message is one sentence that says what, where, and what to do. It never holds personal data.
"""

from typing import ClassVar


class MinzhengError(Exception):
    """Base of every error the product raises on purpose."""

    code: ClassVar[str] = "INTERNAL"


class BadInput(MinzhengError):
    """A value can't be understood.

    `field` names the argument, column or setting; empty when the whole is meant.
    """

    code = "BAD_USER_INPUT"

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class UnreadableFile(BadInput):
    """A file can't be read at all: unknown format, no header row, broken encoding."""


class BadSetting(BadInput):
    """A setting of the installation is missing or wrong."""


class Unauthenticated(MinzhengError):
    """No bearer token, or one that is expired, forged or of the wrong kind."""

    code = "UNAUTHENTICATED"


class Forbidden(MinzhengError):
    """The caller's role may not do this. Raised only for things the caller may see."""

    code = "FORBIDDEN"


class NotFound(MinzhengError):
    """There is no such thing, or the caller may not see it: both look the same from outside."""

    code = "NOT_FOUND"


class Conflict(MinzhengError):
    """Someone else's change came first."""

    code = "CONFLICT"


class VersionConflict(Conflict):
    """A stream has moved on since it was loaded: load it again and decide anew."""


class IdentifierTaken(Conflict):
    """An identifier already belongs to another person."""


class PlaceTaken(Conflict):
    """Another process has taken over what this one was reading: it must stop, and has changed nothing."""


class RuleViolated(MinzhengError):
    """A decision that a rule forbids; the message names the rule."""

    code = "RULE_VIOLATED"


class ParameterNotInForce(RuleViolated):
    """No version of a parameter is in force for a division on a day: nothing can be computed or decided with it."""


class TooComplex(MinzhengError):
    """A query over its depth, size or cost budget."""

    code = "TOO_COMPLEX"


class Unavailable(MinzhengError):
    """A server that this needs can't be reached now; trying again later may help."""

    code = "UNAVAILABLE"
