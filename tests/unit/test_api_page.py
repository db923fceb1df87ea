"""The GraphiQL page is whole: one file that asks nothing of anyone but this server."""

import gzip
import re
from importlib.resources import files

from graphql import parse, validate

from api.graphql.page import DEFAULT_QUERY, MARK, TITLE, page
from api.graphql.schema import build_schema


def test_the_page_is_filled_in_and_loads_nothing_from_elsewhere() -> None:
    html = page(False)
    assert MARK not in html
    assert TITLE not in html
    assert "民政平台 GraphQL".encode() in html
    head = html[: html.index(b"<script>")]
    for reference in re.findall(rb'(?:src|href)="([^"]*)"', head):
        assert reference.startswith(b"data:"), reference
    assert gzip.decompress(page(True)) == html


def test_the_default_query_is_valid() -> None:
    assert validate(build_schema().core, parse(DEFAULT_QUERY)) == []


def test_the_notice_comes_with_it() -> None:
    assert "MIT License" in files("api").joinpath("static", "graphiql.LICENSE.txt").read_text(encoding="utf-8")
