"""Figures of a division and its parts, all of one log position."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.graphql.engine import Caller, Engine, Request
from domain.access import Actor, RoleCode
from domain.codes import Breakdown
from domain.errors import BadInput, NotFound, Unavailable

_QUERY = """query Figures($names: [String!], $period: String!, $division: String, $parts: Breakdown, $at: Position) {
    indicators(names: $names, period: $period, division: $division, by: $parts, atPosition: $at) {
        name value divisionCode divisionName position } }"""
_KINDS = {"BAD_USER_INPUT": BadInput, "NOT_FOUND": NotFound}


@dataclass(frozen=True, slots=True)
class Figures:
    """Values by indicator and division code, and the divisions' names, in the order of their codes."""

    values: Mapping[tuple[str, str], int | None]
    divisions: Mapping[str, str]
    position: int


@dataclass(slots=True)
class Asker:
    """Asks for figures of a division as an auditor of it; the first answer's log position is that of all others."""

    engine: Engine
    division: str
    position: int | None = None

    async def ask(self, names: Iterable[str], period: str, parts: Breakdown | None = None) -> Figures:
        """The named indicators of a period; raises BadInput, NotFound or Unavailable."""
        given = {
            "names": list(names),
            "period": period,
            "division": self.division,
            "parts": parts.name if parts is not None else None,
            "at": self.position,
        }
        caller = Caller.of(Actor("minzheng", RoleCode.AUDITOR, self.division))
        answer = await self.engine.answer(Request(_QUERY, given), caller)
        rows = _rows(answer.body)
        if self.position is None:
            self.position = rows[0]["position"]
        return Figures(
            {(row["name"], row["divisionCode"]): row["value"] for row in rows},
            {row["divisionCode"]: row["divisionName"] for row in rows},
            self.position or 0,
        )


def _rows(body: bytes) -> list[dict[str, Any]]:
    answer = json.loads(body)
    for error in answer.get("errors", ()):
        raise _KINDS.get(error.get("extensions", {}).get("code"), Unavailable)(error["message"])
    found: list[dict[str, Any]] = answer["data"]["indicators"]
    if not found:
        raise NotFound("该区划没有统计数据。")
    return found
