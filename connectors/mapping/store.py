"""The built-in mappings, read once, and an office's own on top of them."""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import cast

from connectors.files.titles import plain_title
from connectors.mapping.lines import Node, read_lines, read_mapping_file
from connectors.mapping.schema import CODE_SETS, FIELD_TYPES, CodeTable, Field, FieldType, Mapping, Override

_CODES = "codes."
"""Code tables: codes.yaml for all sources, codes.<source>.yaml for one."""
_OVERRIDE_KEYS = ("source", "kind", "headers", "codes", "sheet", "sex_coding")
SEX_CODINGS = ("GB", "01")


@cache
def builtin_mappings() -> tuple[Mapping, ...]:
    """Every built-in mapping, by file name."""
    folder = files("connectors.mapping")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    roots = {name: read_lines(folder.joinpath(name).read_text(encoding="utf-8"), name) for name in names}
    codes: dict[str, CodeTable] = {}
    for name, root in roots.items():
        if name.startswith(_CODES):
            codes |= _code_tables(root)
    return tuple(_mapping(root, codes) for name, root in roots.items() if not name.startswith(_CODES))


def sources() -> tuple[str, ...]:
    """Names of the sources that have mappings."""
    return tuple(dict.fromkeys(mapping.source for mapping in builtin_mappings()))


def load_override(path: Path) -> Override:
    """An office's mapping file; raises MappingFault naming the line of the first mistake."""
    root = read_mapping_file(path)
    entries = root.items()
    for name, (where, _) in entries.items():
        if name not in _OVERRIDE_KEYS:
            raise where.fault(f"“{name}”未知；可用：{'、'.join(_OVERRIDE_KEYS)}。")
    source = _required(root, entries, "source", sources())
    kinds = {mapping.kind: mapping for mapping in builtin_mappings() if mapping.source == source}
    kind = _required(root, entries, "kind", tuple(kinds))
    coding = entries["sex_coding"][1] if "sex_coding" in entries else None
    if coding is not None and coding.text() not in SEX_CODINGS:
        raise coding.fault(f"sex_coding 只能是 {' 或 '.join(SEX_CODINGS)}（须加引号）。")
    return Override(
        source,
        kind,
        _headers(entries["headers"][1], kinds[kind]) if "headers" in entries else {},
        _labels(entries["codes"][1], kinds[kind]) if "codes" in entries else {},
        entries["sheet"][1].text() if "sheet" in entries else "",
        coding.text() if coding is not None else "",
    )


def with_override(mapping: Mapping, override: Override) -> Mapping:
    """The mapping with the office's titles before the built-in ones, and its labels over the built-in ones."""
    fields = tuple(
        replace(known, headers=tuple(dict.fromkeys((*override.headers.get(known.name, ()), *known.headers))))
        for known in mapping.fields
    )
    codes = {
        name: table.with_labels(override.codes[name]) if name in override.codes else table
        for name, table in mapping.codes.items()
    }
    return replace(mapping, fields=fields, codes=MappingProxyType(codes))


def _required(root: Node, entries: dict[str, tuple[Node, Node]], name: str, allowed: tuple[str, ...]) -> str:
    if name not in entries:
        raise root.fault(f"缺少 {name}；可用：{'、'.join(allowed)}。")
    value = entries[name][1]
    if value.text() not in allowed:
        raise value.fault(f"{name} “{value.text()}”未知；可用：{'、'.join(allowed)}。")
    return value.text()


def _headers(node: Node, mapping: Mapping) -> dict[str, tuple[str, ...]]:
    known = [field.name for field in mapping.fields]
    found: dict[str, tuple[str, ...]] = {}
    for name, (where, titles) in node.items().items():
        if name not in known:
            raise where.fault(f"字段“{name}”未知；可用：{'、'.join(known)}。")
        found[name] = tuple(plain_title(title) for title in titles.texts())
        if not all(found[name]):
            raise titles.fault("标题不能为空。")
    return found


def _labels(node: Node, mapping: Mapping) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, (where, codes) in node.items().items():
        if table not in mapping.codes:
            raise where.fault(f"代码表“{table}”未知；可用：{'、'.join(mapping.codes)}。")
        found[table] = _table_labels(table, codes)
    return found


def _code_tables(root: Node) -> dict[str, CodeTable]:
    tables = {}
    for name, (where, codes) in root.items().items():
        if name not in CODE_SETS:
            raise where.fault(f"代码表“{name}”未知。")
        code_set = CODE_SETS[name]
        labels = _table_labels(name, codes)
        if code_set is None:
            own, shown = {"1": "1", "0": "0"}, "是、否"
        else:
            # A one-digit code may mean something else in a source's own coding, so those only count as labels.
            own = {m.value: m.value for m in code_set if len(m.value) > 1} | {m.label: m.value for m in code_set}
            shown = "、".join(member.label for member in code_set)
        tables[name] = CodeTable(name, MappingProxyType({**own, **labels}), shown)
    return tables


def _table_labels(table: str, codes: Node) -> dict[str, str]:
    code_set = CODE_SETS[table]
    allowed = ("1", "0") if code_set is None else tuple(member.value for member in code_set)
    labels: dict[str, str] = {}
    for code, (where, texts) in codes.items().items():
        if code not in allowed:
            raise where.fault(f"代码“{code}”不在代码表 {table} 中；可用：{'、'.join(allowed)}（数字须加引号）。")
        for text in texts.texts():
            if labels.get(text, code) != code:
                raise texts.fault(f"“{text}”对应了两个代码（{labels[text]} 和 {code}）。")
            labels[text] = code
    return labels


def _mapping(root: Node, codes: dict[str, CodeTable]) -> Mapping:
    entries = {name: value for name, (_, value) in root.items().items()}
    fields = tuple(_field(name, value, codes) for name, (_, value) in entries["fields"].items().items())
    names = {field.name for field in fields}
    needs = tuple(tuple(part.strip() for part in item.text().split("|")) for item in entries["needs"].list())
    for name in (*(name for group in needs for name in group), entries["business_date"].text()):
        if name not in names:
            raise root.fault(f"字段“{name}”没有定义。")
    return Mapping(
        source=entries["source"].text(),
        kind=entries["kind"].text(),
        title=entries["title"].text(),
        fields=fields,
        needs=needs,
        keys=tuple(item.texts() for item in entries["key"].list()),
        business_date=entries["business_date"].text(),
        codes=MappingProxyType({table: codes[table] for f in fields if (table := f.codes)}),
        without=frozenset(map(plain_title, entries["without"].texts())) if "without" in entries else frozenset(),
    )


def _field(name: str, node: Node, codes: dict[str, CodeTable]) -> Field:
    entries = {key: value for key, (_, value) in node.items().items()}
    kind = entries["is"].text()
    if kind not in FIELD_TYPES:
        raise entries["is"].fault(f"类型“{kind}”未知；可用：{'、'.join(FIELD_TYPES)}。")
    table = "sex" if kind == "sex" else entries["codes"].text() if "codes" in entries else ""
    if (table and table not in codes) or (kind in ("code", "hint") and not table):
        raise node.fault(f"代码表“{table}”没有定义。")
    headers = tuple(plain_title(title) for title in entries["headers"].texts())
    return Field(name, cast(FieldType, kind), headers, table)
