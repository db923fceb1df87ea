"""GraphQL reads under scopes, against a bare ASGI endpoint that sends the same SQL's JSON.

A district with a million persons, straight in the read tables; 32 callers, each with a scope of their own (the
district, its streets, communities), each asking again as soon as it is answered. The peer parses no GraphQL, keeps
one connection a scope with that scope already set, and passes the bytes on: what remains of its rate is what the
whole of authentication, plan cache, variables, pooling and the scope check leave. Both run uvicorn in one process.

    (a) person with household, members and cases   (b) page of 50 cases with person and totals   (c) list of 500
    (d) page of 50 of an office's 120,000 open work items, by due day, with their cases
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from api.access import Scope
from api.access.pool import ScopedPool
from api.app import create_app, serving
from api.auth import issue_token
from api.graphql.arguments import Environment
from api.graphql.compiler import Compiler
from api.graphql.documents import Documents
from api.graphql.limits import Limits
from api.graphql.schema import ApiSchema, build_schema
from api.graphql.sql import Statement
from api.platform import open_platform
from bench.graphql_district import SCHEMA, STREETS, code_of, fill, uuid_of
from domain.access import Actor, RoleCode
from infra.database import LOGIN, with_database, with_user
from infra.local_postgres import LocalPostgres
from infra.settings import Settings

QUERIES = {
    "a": """query A($id: UUID!) { person(id: $id) {
        id name citizenId sexLabel birthOn stateLabel divisionCode
        household { householdNo address members { relationLabel person { name birthOn } } }
        cases { covered case { caseNo schemeLabel stateLabel monthlyFen monthlyYuan totals { paidYuan } } } } }""",
    "b": """query B($state: [CaseState!]!) { cases(first: 50, filter: {state: $state}) {
        nodes { id caseNo schemeLabel stateLabel monthlyFen monthlyYuan applicant { name birthOn }
            totals { paidFen paidYuan paidCount } }
        pageInfo { hasNextPage endCursor } } }""",
    "c": """query C($first: Int!) { persons(first: $first) {
        nodes { id name citizenId sex birthOn divisionCode stateLabel householdId } } }""",
    "d": """query D($open: Boolean!) { workItems(first: 50, filter: {open: $open}) {
        nodes { stepLabel role dueOn assignee case { id caseNo stateLabel } } pageInfo { hasNextPage endCursor } } }""",
}
LEVELS = {6: "district", 9: "street", 12: "community"}


def scopes() -> list[Actor]:
    """The 32 callers: the district, its streets, and communities of all streets."""
    codes = ["440704", *(f"440704{s:03d}" for s in range(1, STREETS + 1))]
    codes += [f"440704{n % STREETS + 1:03d}{n // STREETS + 1:03d}" for n in range(32 - len(codes))]
    return [Actor(f"caller {code}", RoleCode.STREET_OFFICER, code) for code in codes]


def variables(query: str, actor: Actor, persons: int, rng: random.Random) -> dict[str, Any]:
    """Variables of one request; (a) asks for an applicant of the caller's own division."""
    if query == "b":
        return {"state": ["PAYING"]}
    if query == "c":
        return {"first": 500}
    if query == "d":
        return {"open": True}
    while True:
        i = rng.randint(1, persons // 25) * 25
        if code_of(i // 3).startswith(actor.division_code):
            return {"id": uuid_of(f"p{i}")}


# The two servers


def compiled(schema: ApiSchema, query: str, given: dict[str, Any], actor: Actor) -> tuple[Statement, list[Any]]:
    """A query's statement and its parameters."""
    document = Documents(schema.core, Limits()).get(QUERIES[query], None)
    values = document.coerce(schema.core, given)
    compiler = Compiler(schema.core, schema.kinds, schema.roots)
    statement = document.statement(compiler, values, actor.clear)
    return statement, [get(Environment(values)) for get in statement.gets]


class Bare:
    """The peer: it gets the very same requests, takes the variables out, and sends the statement's JSON."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url = url
        self.callers = {
            (directory / f"a-{place}").read_bytes().partition(b"|")[0]: place for place in range(len(scopes()))
        }
        self.connections: list[Any] = []
        self.statements: dict[str, tuple[str, list[Any]]] = {}

    async def start(self) -> None:
        """Open a connection for each caller, with its scope set."""
        schema, first = build_schema(), scopes()[0]
        for name in QUERIES:
            given = {"id": uuid_of("p25")} if name == "a" else variables(name, first, 0, random.Random(1))
            statement, values = compiled(schema, name, given, first)
            self.statements[name.upper()] = (statement.sql, values)
        pool = ScopedPool(self.url)
        pool.search_path = SCHEMA
        for actor in scopes():
            self.connections.append((await pool._open(Scope.of(actor))).connection)
        self.prepared: list[dict[str, Any]] = [{} for _ in scopes()]
        self.values = [Scope.of(actor).values for actor in scopes()]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await receive()
            await self.start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["path"] != "/graphql":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        place = self.callers[dict(scope["headers"])[b"authorization"]]
        request = orjson.loads((await receive())["body"])
        sql, values = self.statements[request["query"][6]]
        given = [request["variables"]["id"]] if "id" in request["variables"] else values
        kept = self.prepared[place]
        if sql not in kept:
            kept[sql] = await self.connections[place].prepare(sql)
        row = await kept[sql].fetchrow(*self.values[place], *given)
        body = b'{"data":' + row[0] + b"}"
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def serve(kind: str, url: str, directory: Path, port: int) -> None:
    """Run one of the servers until it is stopped."""
    uvloop.run(_serve(kind, url, directory, port))


async def _serve(kind: str, url: str, directory: Path, port: int) -> None:
    if kind == "bare":
        await serving(Bare(url, directory), "127.0.0.1", port).serve()  # type: ignore[arg-type]
        return
    async with open_platform(Settings(data_dir=directory, database_url=url)) as platform:
        await serving(create_app(platform), "127.0.0.1", port).serve()


@contextmanager
def server(kind: str, url: str, directory: Path, port: int) -> Iterator[str]:
    """One of the servers in a process of its own."""
    command = [sys.executable, "-m", "bench.graphql", "--serve", kind, "--url", url]
    process = subprocess.Popen([*command, "--dir", str(directory), "--port", str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


# The load


_LUA = """
local ids = 0
function setup(thread) thread:set("place", ids); ids = ids + 1 end
function init(args)
  requests = {}
  local headers = {["Content-Type"] = "application/json"}
  for line in io.lines(args[1] .. place) do
    headers["Authorization"] = string.match(line, "^[^|]+")
    requests[#requests + 1] = wrk.format("POST", "/graphql", headers, string.match(line, "|(.*)$"))
  end
  n = 0
end
function request() n = n % #requests + 1; return requests[n] end
function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.read + summary.errors.connect + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


def load(address: str, query: str, directory: Path, seconds: int) -> dict[str, float]:
    """32 callers, one connection each, by wrk: requests a second and milliseconds."""
    script = directory / "requests.lua"
    script.write_text(_LUA)
    command = ["wrk", "-t32", "-c32", f"-d{seconds}s", "-s", str(script), address, "--", str(directory / f"{query}-")]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    done, micros, errors, p50, p99 = (int(n) for n in out.rpartition("RESULT ")[2].split())
    if errors:
        raise RuntimeError(f"{address} {query}: {errors} errors of {done} requests")
    return {"rps": done / micros * 1e6, "p50": p50 / 1000, "p99": p99 / 1000}


def write_requests(directory: Path, settings: Settings, persons: int) -> None:
    """The requests of every caller, in files for wrk."""
    rng = random.Random(1)
    for place, actor in enumerate(scopes()):
        token = issue_token(settings, role=actor.role.value, division=actor.division_code, name=actor.name)
        for name, text in QUERIES.items():
            given = [variables(name, actor, persons, rng) for _ in range(200 if name == "a" else 1)]
            bodies = [json.dumps({"query": " ".join(text.split()), "variables": each}) for each in given]
            (directory / f"{name}-{place}").write_text("".join(f"Bearer {token}|{body}\n" for body in bodies))


# Plans and cold documents


async def plans(url: str, persons: int) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """For each query and level: execution time of the kept plan over that of the best plan made for the very caller,
    and that time in milliseconds.

    The kept plan is made once for one scope of the level and run for another one of it, as the pool does; the best is
    the faster of a plan for exactly these parameters and one for any parameters under this scope.
    """
    schema, rng = build_schema(), random.Random(2)
    found: dict[str, dict[str, float]] = {}
    took: dict[str, dict[str, float]] = {}
    for name in QUERIES:
        found[name], took[name] = {}, {}
        for length, level in LEVELS.items():
            of_level = [actor for actor in scopes() if len(actor.division_code) == length]
            kept = await _timed(url, schema, name, [of_level[0], of_level[-1]], "force_generic_plan", persons, rng)
            best = [
                await _timed(url, schema, name, [of_level[-1]], f"force_{mode}_plan", persons, rng)
                for mode in ("custom", "generic")
            ]
            found[name][level], took[name][level] = round(kept / min(best), 2), round(kept, 2)
    return found, took


async def _timed(
    url: str, schema: ApiSchema, name: str, actors: list[Actor], mode: str, persons: int, rng: random.Random
) -> float:
    """Milliseconds of execution, planning left out, for the last of the actors after one run for each before."""
    pool = ScopedPool(url, plan_cache_mode=mode)
    pool.search_path = SCHEMA
    slot = await pool._open(Scope.of(actors[0]))
    connection = slot.connection
    given = variables(name, actors[-1], persons, rng)
    statement, values = compiled(schema, name, given, actors[-1])
    count = len(values) + 3
    types = [f"${i}" for i in range(1, count + 1)]
    await connection.execute(f"PREPARE kept AS {statement.sql}")
    times = []
    for actor in actors:
        await connection.fetch(
            "SELECT set_config(n, v, false) FROM unnest($1::text[], $2::text[]) s(n, v)",
            list(Scope.of(actor).settings),
            list(Scope.of(actor).settings.values()),
        )
        written = ", ".join(_literal(value) for value in (*Scope.of(actor).values, *values))
        times = []
        for _ in range(20):
            rows = await connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE kept({written})")
            times.append(orjson.loads(rows[0][0])[0]["Execution Time"])
    assert types
    connection.terminate()
    return statistics.median(times[10:])


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"ARRAY[{', '.join(_literal(each) for each in value)}]"
    return str(value) if isinstance(value, int) else f"'{value}'"  # a boolean's text will do as well


def cold(address: str, directory: Path, settings: Settings, persons: int) -> dict[str, float]:
    """Milliseconds of the first answer to a document nobody has asked before, and of the second.

    The fastest of 25 different documents each: what else the machine does only ever adds to it.
    """
    actor, rng = scopes()[-1], random.Random(3)
    token = issue_token(settings, role=actor.role.value, division=actor.division_code, name=actor.name)
    found: dict[str, float] = {}
    for name, text in QUERIES.items():
        first, second = [], []
        for n in range(25):
            body = json.dumps({"query": f"{text} # {n}", "variables": variables(name, actor, persons, rng)}).encode()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            for times in (first, second):
                request = urllib.request.Request(f"{address}/graphql", body, headers)
                started = time.perf_counter()
                with urllib.request.urlopen(request) as response:
                    response.read()
                times.append((time.perf_counter() - started) * 1000)
        found[f"{name} first"], found[f"{name} again"] = min(first), min(second)
    return found


def measure(url: str, directory: Path, persons: int, seconds: int, rounds: int) -> dict[str, Any]:
    """Everything, with the data in place."""
    settings = Settings(data_dir=directory, database_url=url)
    write_requests(directory, settings, persons)
    figures: dict[str, Any] = {"queries": {}}
    with server("fast", url, directory, 8751) as fast, server("bare", url, directory, 8752) as bare:
        for name in QUERIES:
            runs: dict[str, list[dict[str, float]]] = {"fast": [], "bare": []}
            load(fast, name, directory, 2)
            load(bare, name, directory, 2)
            for _ in range(rounds):
                runs["fast"].append(load(fast, name, directory, seconds))
                runs["bare"].append(load(bare, name, directory, seconds))
            medians = {
                kind: {key: round(statistics.median(run[key] for run in each), 2) for key in each[0]}
                for kind, each in runs.items()
            }
            ratio = statistics.median(f["rps"] / b["rps"] for f, b in zip(runs["fast"], runs["bare"], strict=True))
            figures["queries"][name] = {**medians, "ratio": round(ratio, 3)}
        figures["coldMs"] = {key: round(value, 2) for key, value in cold(fast, directory, settings, persons).items()}
    figures["planRatios"], figures["executionMs"] = asyncio.run(plans(url, persons))
    return figures


def show(figures: dict[str, Any]) -> None:
    """Tables on the screen."""
    table = Table(title="32 callers, mixed scopes")
    for heading in ("query", "req/s", "bare req/s", "of bare", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for name, row in figures["queries"].items():
        fast, bare = row["fast"], row["bare"]
        table.add_row(
            name, f"{fast['rps']:.0f}", f"{bare['rps']:.0f}", f"{row['ratio']:.2f}", f"{fast['p50']}", f"{fast['p99']}"
        )
    console = Console()
    console.print(table)
    console.print("kept plan / own best plan:", figures["planRatios"])
    console.print("the kept plan at the database, ms:", figures["executionMs"])
    console.print("document never seen, ms:", figures["coldMs"])


def main(argv: list[str]) -> dict[str, Any]:
    """Run the benchmark; needs wrk. `--url` with `--dir` uses a district that an earlier run kept (`--keep`)."""
    parser = argparse.ArgumentParser(prog="bench graphql")
    parser.add_argument("--persons", type=int, default=int(os.environ.get("PERSONS", "1000000")))
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=("fast", "bare"))
    parser.add_argument("--url", default="")
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--port", type=int, default=8751)
    options = parser.parse_args(argv)
    if options.serve:
        serve(options.serve, options.url, options.dir, options.port)
        return {}
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed to load the servers; install it and run this again.")
    directory = options.dir or Path(tempfile.mkdtemp(prefix="mzbench"))
    postgres = LocalPostgres(directory / "pg")
    try:
        url = with_database(postgres.url(), "bench")
        fresh = asyncio.run(_create(postgres.url()))
        if fresh:
            started = time.perf_counter()
            asyncio.run(fill(url, options.persons))
            print(f"{options.persons} persons in {time.perf_counter() - started:.0f} s", flush=True)
        figures = measure(with_user(url, LOGIN), directory, options.persons, options.seconds, options.rounds)
    finally:
        postgres.stop()
        if not options.keep and options.dir is None:
            shutil.rmtree(directory, ignore_errors=True)
    show(figures)
    return {"persons": options.persons, "callers": len(scopes()), **figures}


async def _create(admin_url: str) -> bool:
    connection = await asyncpg.connect(admin_url)
    try:
        if await connection.fetchval("SELECT true FROM pg_database WHERE datname = 'bench'"):
            return False
        await connection.execute("CREATE DATABASE bench")
        return True
    finally:
        await connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
