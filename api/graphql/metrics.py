"""What /metrics tells of GraphQL."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "minzheng_graphql_requests_total",
    "GraphQL requests by how they were answered: compiled, executed, or refused with a code",
    ["how"],
)
SECONDS = Histogram(
    "minzheng_graphql_seconds",
    "Seconds from a read request to its answer",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)
