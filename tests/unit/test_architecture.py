"""What the layout promises, held by reading the source: a pure domain, names by concept, small files, SQL in place."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "projections", "api", "connectors", "infra")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
DOMAIN = [path for path in FILES if path.is_relative_to(ROOT / "domain")]

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 50
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}

IMPURE_MODULES = {
    *("asyncio", "asyncpg", "fastapi", "strawberry", "kafka", "socket", "subprocess", "threading", "os", "io", "time"),
    *("random", "secrets", "requests", "httpx", "logging", "infra", "projections", "api", "connectors", "sys"),
}
IMPURE_BUILTINS = {"open", "print", "input"}
IMPURE_CALLS = {"now", "today", "utcnow", "uuid4", "uuid1", "getenv"}
PACKAGE_DATA = {
    "domain/assistance/offices.py",
    "domain/care/scales.py",
    "domain/parameters/loading.py",
    "domain/procurement/catalogue.py",
    "domain/registry/divisions.py",
    "domain/workdays.py",
}
"""The domain's only reading: text that comes with the product, read once."""

CONTEXTS = ("registry", "assistance", "care", "medical", "grid", "relief", "procurement", "civic")
MEETING_PLACES = ("commands", "contradictions")
"""Where a context may name another's aggregates: its commands, which load them, and what holds facts against facts."""
COMMON = ("domain.registry.places",)
"""What every context may use of another: the list of divisions."""

SQL_PLACES = ("infra", "projections", "connectors", "api/access", "api/graphql")
SQL_STARTS = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE ", "DROP ")
SQL_ELSEWHERE = {"api/platform.py": "makes the database itself"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Dotted names a module imports, at the top or inside functions."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            function = node.func
            yield function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_the_domain_is_pure(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & IMPURE_MODULES
    assert not set(calls(path)) & IMPURE_CALLS
    assert not {node.id for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name)} & IMPURE_BUILTINS
    assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Global) for node in ast.walk(tree_of(path)))
    if name_of(path) not in PACKAGE_DATA:
        assert not {"read_text", "read_bytes", "files", "write_text"} & set(calls(path))


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_money_is_never_a_float(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), node.lineno
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)), f"{node.lineno}: use // on integers"
        assert not (isinstance(node, ast.Name) and node.id == "float"), node.lineno


@pytest.mark.parametrize("path", DOMAIN, ids=name_of)
def test_contexts_meet_only_in_commands(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    if parts[1] in CONTEXTS and not any(part.removesuffix(".py") in MEETING_PLACES for part in parts):
        others = {f"domain.{context}" for context in CONTEXTS if context != parts[1]}
        used = [name for name in imports(path) if not name.startswith(COMMON)]
        assert not [name for name in used if any(name == o or name.startswith(f"{o}.") for o in others)]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_stay_small(path: Path) -> None:
    lines = path.read_text("utf-8").count("\n")
    assert lines <= MAX_FILE_LINES, f"{lines} lines: split it by concept"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_names_say_what_is_inside(path: Path) -> None:
    assert not BANNED_NAMES & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)) or not path.read_text("utf-8").strip()


def sql_in(path: Path) -> list[int]:
    found = []
    for node in ast.walk(tree_of(path)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.lstrip().startswith(SQL_STARTS)
        ):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_sql_stands_where_it_belongs(path: Path) -> None:
    name = name_of(path)
    if not name.startswith(tuple(f"{place}/" for place in SQL_PLACES)) and name not in SQL_ELSEWHERE:
        assert sql_in(path) == []


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path).startswith("projections/")], ids=name_of)
def test_projections_ask_neither_clock_nor_network(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & {"random", "requests", "httpx", "socket"}
    assert not {"today", "utcnow", "now"} & set(calls(path))
