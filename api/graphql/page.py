"""The GraphiQL page: one local file with everything in it (api/static/build_graphiql.mjs makes it)."""

import gzip
from functools import cache
from importlib.resources import files

import orjson

MARK, TITLE = b"@@OPTIONS@@", b"@@TITLE@@"

DEFAULT_QUERY = """\
# 民政平台 GraphQL。把启动时打印的令牌放进左下角 Headers：{"Authorization": "Bearer …"}，然后按 ▶。
# Paste the token printed at start into Headers below and press ▶.
query 概览 {
  me { name roleLabel divisionCode }
  cases(first: 5, filter: {state: [PAYING]}) {
    totalCount
    nodes {
      caseNo
      schemeLabel
      stateLabel
      monthlyYuan
      applicant { name birthOn sexLabel }
      totals { paidYuan paidCount }
    }
  }
}
""".replace("query 概览", "query Overview")


@cache
def page(compressed: bool) -> bytes:
    """The page as bytes; takes about half a second the first time."""
    if compressed:
        return gzip.compress(page(False), 6)
    packed = files("api").joinpath("static", "graphiql.html.gz").read_bytes()
    options = {
        "title": "民政平台 GraphQL",
        "endpoint": "/graphql",
        "defaultQuery": DEFAULT_QUERY,
        "headers": '{"Authorization": "Bearer "}',
        "shouldPersistHeaders": True,
    }
    # In a script element; `</` must not end it.
    script = orjson.dumps(options).replace(b"</", b"<\\/")
    return gzip.decompress(packed).replace(MARK, script).replace(TITLE, "民政平台 GraphQL".encode())
