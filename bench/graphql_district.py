"""The district that bench/graphql.py reads: rows straight in the read tables, made by SQL."""

from collections.abc import Iterator
from hashlib import md5
from uuid import UUID

import asyncpg

from infra.migrate import migrate
from projections import PROJECTIONS
from projections.kernel import ddl
from projections.kernel.place import migrate_projections
from projections.kernel.tables import VIEWS, Column

STREETS, COMMUNITIES = 8, 12
SCHEMA = "read_bench"
_CODE = (
    f"'440704' || lpad((({{0}}) % {STREETS * COMMUNITIES} / {COMMUNITIES} + 1)::text, 3, '0') "
    f"|| lpad((({{0}}) % {COMMUNITIES} + 1)::text, 3, '0')"
)
_BLANKS = {"text": "''", "bigint": "0", "boolean": "false", "date": "date '2015-01-01'", "uuid": "md5('')::uuid"}


def _value(column: Column) -> str:
    """SQL of a column that no table below says anything about."""
    if column.nullable:
        return "NULL"
    if column.is_enum:
        return f"'{next(iter(column.type)).value}'"
    return "'{}'" if column.is_array else _BLANKS.get(column.sql_type, "now()")


def _insert(name: str, rows: str, scope: str, /, **given: str) -> str:
    view = VIEWS[name]
    columns = [*view.names, "scope", "valid_from", "from_pos", "changed"]
    own = {"scope": scope, "valid_from": "date '2015-01-01'", "from_pos": "1", "changed": "0"}
    values = [own.get(c) or given.get(c) or _value(view.column(c)) for c in columns]
    return f"INSERT INTO {view.live} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {rows}"


def _cases(persons: int) -> str:
    """Every 25th person `i` has the case `k`."""
    return f"(SELECT k * 25 AS i, k FROM generate_series(1, {persons // 25}) k) s"


def _district(persons: int) -> Iterator[str]:
    home, code = "(i / 3)", _CODE.format("i / 3")
    yield _insert(
        "person",
        f"generate_series(1, {persons}) i",
        code,
        id="md5('p' || i)::uuid",
        name="(ARRAY['陈','李','黄','张','梁'])[i % 5 + 1] || '某' || i % 997",
        citizen_id="'44070419' || 30 + i % 70 || '0101' || lpad((i % 10000)::text, 4, '0')",
        birth_on="date '1930-01-01' + i % 25000",
        state="'verified'",
        sex="(i % 2 + 1)::text",
        division_code=code,
        household_id=f"md5('h' || {home})::uuid",
    )
    yield _insert(
        "household",
        f"generate_series(0, {persons // 3}) h",
        _CODE.format("h"),
        id="md5('h' || h)::uuid",
        household_no="lpad(h::text, 9, '0')",
        division_code=_CODE.format("h"),
        address="'江海区某路' || h % 1000 || '号'",
    )
    yield _insert(
        "member",
        f"generate_series(1, {persons}) i",
        code,
        household_id=f"md5('h' || {home})::uuid",
        person_id="md5('p' || i)::uuid",
        relation="(ARRAY['02','10','20'])[i % 3 + 1]",
    )
    cases = _cases(persons)
    yield _insert(
        "case",
        cases,
        code,
        id="md5('c' || k)::uuid",
        case_no="'DB2015' || lpad(k::text, 7, '0')",
        scheme="'DIBAO'",
        state="CASE WHEN k % 4 = 0 THEN 'closed' ELSE 'paying' END",
        division_code=code,
        household_id=f"md5('h' || {home})::uuid",
        applicant_id="md5('p' || i)::uuid",
        monthly_fen="50000 + k % 9000",
    )
    yield _insert(
        "case_member", cases, code, case_id="md5('c' || k)::uuid", person_id="md5('p' || i)::uuid", covered="true"
    )
    yield _insert("case_total", cases, code, case_id="md5('c' || k)::uuid", paid_fen="k * 1200", paid_count="12")
    yield _insert(
        "payment",
        f"{cases}, generate_series(1, 12) m",
        code,
        id="md5('y' || k || '-' || m)::uuid",
        case_id="md5('c' || k)::uuid",
        household_id=f"md5('h' || {home})::uuid",
        payee_id="md5('p' || i)::uuid",
        month="'2015-' || lpad(m::text, 2, '0')",
        amount_fen="50000 + k % 9000",
        division_code=code,
    )


def _queue(persons: int) -> str:
    cases, code = _cases(persons), _CODE.format("i / 3")
    return _insert(
        "work_item",
        f"{cases}, (VALUES ('review', 'street_officer'), ('publicise', 'community_worker'), "
        "('decide', 'district_clerk')) w(name, office)",
        code,
        case_id="md5('c' || k)::uuid",
        step="w.name",
        item="''",
        division_code=code,
        role="w.office",
        open="true",
        due_on="date '2015-12-01' + (k * 7919 % 90)::integer",
    )


async def fill(admin_url: str, persons: int) -> None:
    """Make the district's read tables."""
    await migrate(admin_url)
    connection = await asyncpg.connect(admin_url)
    try:
        await migrate_projections(connection)
        await connection.execute(f"CREATE SCHEMA {SCHEMA}; GRANT USAGE ON SCHEMA {SCHEMA} TO minzheng_reader")
        await connection.execute(f"SET search_path = {SCHEMA}; SET synchronous_commit = off")
        for view in VIEWS.values():
            for statement in ddl.tables(view):
                await connection.execute(statement)
        for statement in (*_district(persons), _queue(persons)):
            await connection.execute(statement)
        for view in VIEWS.values():
            for statement in ddl.finishing(view):
                await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE")
        await connection.executemany(
            "INSERT INTO read.projection (name, version, schema, position, state) VALUES ($1, $2, $3, 1, 'running')",
            [(projection.name, projection.version, SCHEMA) for projection in PROJECTIONS],
        )
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def code_of(household: int) -> str:
    """The community of a household, as the SQL gives it."""
    place = household % (STREETS * COMMUNITIES)
    return f"440704{place // COMMUNITIES + 1:03d}{household % COMMUNITIES + 1:03d}"


def uuid_of(text: str) -> str:
    """The id the SQL gives to a text: `p7` is the seventh person."""
    return str(UUID(md5(text.encode(), usedforsecurity=False).hexdigest()))
