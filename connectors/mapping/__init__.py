"""Which column holds which field: built-in mappings per source and record kind, and an office's own."""

from connectors.mapping.match import Column, Match, match_titles
from connectors.mapping.schema import CodeTable, Field, Mapping, Override
from connectors.mapping.store import builtin_mappings, load_override, with_override

__all__ = [
    "CodeTable",
    "Column",
    "Field",
    "Mapping",
    "Match",
    "Override",
    "builtin_mappings",
    "load_override",
    "match_titles",
    "with_override",
]
