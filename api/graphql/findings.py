"""Findings and timelines in the API: what contradicts the rules, and what happened to whom."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing
from domain import findings

ROOTS = (
    listing("findings", "finding", "疑点 · findings: what contradicts the rules"),
    listing(
        "timeline",
        "timeline",
        "一个主体在各系统中的全部事件，如 person:标识 · every system's events of a subject",
        subject="subject",
        order=("position",),
    ),
)
MUTATIONS = mutations_of(findings)
