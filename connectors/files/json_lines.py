"""JSON lines: one object a line whose keys are the column titles (an array of objects is read too)."""

from collections.abc import Collection, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from connectors.files.cells import Cell
from connectors.files.encoding import Encoding, read_head
from connectors.files.place import Place
from connectors.files.table import RawRow, Sheet
from domain.errors import UnreadableFile

_LOOK_AHEAD = 100
_LARGEST_ARRAY = 64 << 20


def json_sheet(path: Path, encoding: Encoding, vocabulary: Collection[str]) -> Sheet:
    """The objects as rows under a header made of their keys."""
    place = Place(path)
    return Sheet("", _rows(place, encoding), place.done)


def _rows(place: Place, encoding: Encoding) -> Iterator[RawRow]:
    objects = _objects(place, encoding)
    head = list(islice(objects, _LOOK_AHEAD))
    titles = list(dict.fromkeys(key for _, found in head if found for key in found))
    yield RawRow(0, list(titles))
    for number, found in chain(head, objects):
        if found is None:
            yield RawRow(number, [], "不是完整的 JSON 对象；请检查此行。")
        else:
            yield RawRow(number, [_cell(found.get(title)) for title in titles])


def _objects(place: Place, encoding: Encoding) -> Iterator[tuple[int, dict[str, Any] | None]]:
    if read_head(place.path, encoding.codec).lstrip("\ufeff \t\r\n").startswith("["):
        yield from _array(place.path, encoding)
        return
    with place.open(encoding.codec) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, _object(encoding.repair(line) if encoding.repair else line)


def _array(path: Path, encoding: Encoding) -> Iterator[tuple[int, dict[str, Any] | None]]:
    if path.stat().st_size > _LARGEST_ARRAY:
        raise UnreadableFile("JSON 数组太大；请改为每行一个对象（JSON Lines）。")
    text = path.read_text(encoding=encoding.codec, errors="replace")
    try:
        items = orjson.loads(encoding.repair(text) if encoding.repair else text)
    except orjson.JSONDecodeError:
        raise UnreadableFile("JSON 数组不完整；请重新导出，或改为每行一个对象。") from None
    for number, item in enumerate(items, start=1):
        yield number, item if isinstance(item, dict) else None


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    return orjson.dumps(value).decode()
