"""Reading under a scope: connections on which the database itself shows a caller's rows and no others."""

from api.access.pool import ScopedPool, ScopeRefused
from api.access.scope import Scope
from api.access.watch import ReadModels

__all__ = ["ReadModels", "Scope", "ScopeRefused", "ScopedPool"]
