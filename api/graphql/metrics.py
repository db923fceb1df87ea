"""What /metrics tells of GraphQL: counted in plain numbers, since every request passes here."""

from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


class _Requests(Collector):
    """Requests by how they were answered, and how long they took."""

    def __init__(self) -> None:
        self._how: dict[str, int] = {"compiled": 0, "executed": 0}
        self._buckets = [0] * (len(_BUCKETS) + 1)
        self._seconds = 0.0

    def count(self, how: str, seconds: float) -> None:
        """One more: compiled, executed, or the code of a refusal."""
        self._how[how] = self._how.get(how, 0) + 1
        self._buckets[bisect_left(_BUCKETS, seconds)] += 1
        self._seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """For Prometheus."""
        requests = CounterMetricFamily(
            "minzheng_graphql_requests", "GraphQL requests: compiled, executed, or refused with a code", labels=["how"]
        )
        for how, number in sorted(self._how.items()):
            requests.add_metric([how], number)
        yield requests
        total, buckets = 0, []
        for bound, number in zip((*_BUCKETS, "+Inf"), self._buckets, strict=True):
            total += number
            buckets.append((str(bound), total))
        seconds = HistogramMetricFamily("minzheng_graphql_seconds", "Seconds from a request to its answer")
        seconds.add_metric([], buckets, self._seconds)
        yield seconds


REQUESTS = _Requests()
REGISTRY.register(REQUESTS)
