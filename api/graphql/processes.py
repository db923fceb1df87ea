"""Cross-system rules in the API: what they ask of people."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing
from domain import processes

ROOTS = (listing("tasks", "task", "任务：跨系统规则要求办理的事项，按期限 · what somebody has to do, by due day"),)
MUTATIONS = mutations_of(processes)
