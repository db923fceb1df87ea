"""Finds out what kind of records a file holds, and which column is which field, from its titles."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.files.titles import Title
from connectors.mapping.schema import Field, Mapping
from domain.errors import UnreadableFile


@dataclass(frozen=True, slots=True)
class Column:
    """A field and the column it stands in."""

    field: Field
    index: int
    title: Title


@dataclass(frozen=True, slots=True)
class Match:
    """A file's titles matched: the mapping that fits, its columns, and the titles nothing is taken from."""

    mapping: Mapping
    columns: tuple[Column, ...]
    unused: tuple[str, ...]


def match_titles(titles: Sequence[Title], mappings: Sequence[Mapping]) -> Match:
    """The one mapping whose needed columns are all there and that uses most columns.

    Raises UnreadableFile naming the columns that miss where none fits, or the kinds where several fit equally.
    """
    names = {title.name for title in titles}
    matches = [_match(titles, mapping) for mapping in mappings if mapping.without.isdisjoint(names)]
    fitting = [match for match in matches if not _missing(match)]
    if not fitting:
        raise UnreadableFile(_nearest(matches))
    most = max(len(match.columns) for match in fitting)
    best = [match for match in fitting if len(match.columns) == most]
    if len(best) > 1:
        kinds = "、".join(match.mapping.title for match in best)
        raise UnreadableFile(f"标题既像{kinds}，无法判断；请用 --mapping 指明 kind。")
    return best[0]


def _match(titles: Sequence[Title], mapping: Mapping) -> Match:
    places: dict[str, int] = {}
    for index, title in enumerate(titles):
        if title.name:
            places.setdefault(title.name, index)
    columns = []
    for field in mapping.fields:
        header = next((header for header in field.headers if header in places), None)
        if header is not None:
            columns.append(Column(field, places[header], titles[places[header]]))
    used = {column.index for column in columns}
    unused = tuple(title.shown for index, title in enumerate(titles) if title.name and index not in used)
    return Match(mapping, tuple(columns), unused)


def _missing(match: Match) -> list[tuple[str, ...]]:
    present = {column.field.name for column in match.columns}
    return [group for group in match.mapping.needs if present.isdisjoint(group)]


def _nearest(matches: Sequence[Match]) -> str:
    nearest = min(matches, key=lambda match: (len(_missing(match)) - len(match.columns), len(_missing(match))))
    named = {field.name: field.headers[0] for field in nearest.mapping.fields}
    missing = "、".join("“" + "或".join(named[name] for name in group) + "”" for group in _missing(nearest))
    return f"标题不完整：最接近“{nearest.mapping.title}”，但缺少列{missing}；请补上，或用 --mapping 说明本单位的标题。"
