"""The metrics and expressions of an alarm, as Pulumi and as CloudWatch have them; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from pulumi_incidents.stand_in._limits import Breach, shown, text_breaches

# Pulumi's key to CloudWatch's; the ones of a metric stand in MetricStat, or in the Metric in it.
_QUERY = {
    "id": "Id",
    "expression": "Expression",
    "label": "Label",
    "period": "Period",
    "returnData": "ReturnData",
}
_STAT = {"period": "Period", "stat": "Stat", "unit": "Unit"}
_METRIC = {"metricName": "MetricName", "namespace": "Namespace", "dimensions": "Dimensions"}
_ID = {"pattern": "[a-z][A-Za-z0-9_]*", "words": "begin with a small letter", "max": 255}
_MOST = 20


def meaning(queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Answer what counts of queries: their order does not, nor do empty values."""
    return {query["id"]: _filled(query) for query in queries}


def to_cloudwatch(queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Answer queries as PutMetricAlarm takes them."""
    return [_to_cloudwatch(query) for query in queries]


def from_cloudwatch(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Answer queries as DescribeAlarms tells them."""
    return [_from_cloudwatch(each) for each in found]


def query_breaches(queries: Any) -> Iterator[Breach]:
    """Answer what CloudWatch refuses of queries (CloudWatch API, *MetricDataQuery*)."""
    if not isinstance(queries, list):
        return
    if len(queries) > _MOST:
        yield Breach("metricQueries", f"have at most {_MOST} entries", str(len(queries)))
    for index, query in enumerate(queries):
        if isinstance(query, Mapping):
            yield from _breaches(f"metricQueries[{index}]", query)
    returned = [
        query for query in queries if isinstance(query, Mapping) and query.get("returnData")
    ]
    if not returned and UNKNOWN not in queries:
        yield Breach("metricQueries", "have one with returnData", shown(queries))


def _breaches(path: str, query: Mapping[str, Any]) -> Iterator[Breach]:
    for key in sorted(query.keys() - {*_QUERY, "metric"}):
        # moto keeps no accountId.
        yield Breach(path, f"have only {', '.join([*_QUERY, 'metric'])}", shown(key))
    yield from text_breaches(f"{path}.id", query.get("id"), _ID)
    if ("metric" in query) == ("expression" in query):
        yield Breach(path, "have either metric or expression", shown(query))
    metric = query.get("metric")
    if isinstance(metric, Mapping):
        known = [*_METRIC, *_STAT]
        for key in sorted(metric.keys() - {*known}):
            yield Breach(f"{path}.metric", f"have only {', '.join(known)}", shown(key))
        for key in ("metricName", "period", "stat"):
            if key not in metric:
                yield Breach(f"{path}.metric", f"have {key}", shown(metric))


def _filled(value: Any) -> Any:
    if isinstance(value, Mapping):
        inner = {key: _filled(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in (None, "", {}, False)}
    return value


def _to_cloudwatch(query: Mapping[str, Any]) -> dict[str, Any]:
    answer = {member: query[key] for key, member in _QUERY.items() if _is_set(query.get(key))}
    # Pulumi's default is another one than CloudWatch's.
    answer["ReturnData"] = bool(query.get("returnData"))
    if metric := query.get("metric"):
        inner = {member: metric[key] for key, member in _METRIC.items() if _is_set(metric.get(key))}
        pairs = (metric.get("dimensions") or {}).items()
        inner["Dimensions"] = [{"Name": name, "Value": value} for name, value in pairs]
        stat = {member: metric[key] for key, member in _STAT.items() if _is_set(metric.get(key))}
        answer["MetricStat"] = {"Metric": inner, **stat}
    return answer


def _from_cloudwatch(found: Mapping[str, Any]) -> dict[str, Any]:
    answer = {key: found[member] for key, member in _QUERY.items() if member in found}
    if stat := found.get("MetricStat"):
        metric = stat["Metric"]
        pairs = {pair["Name"]: pair["Value"] for pair in metric.get("Dimensions", [])}
        inner = {**{key: metric.get(member) for key, member in _METRIC.items()}}
        outer = {key: stat.get(member) for key, member in _STAT.items()}
        answer["metric"] = _filled({**inner, **outer, "dimensions": pairs})
    return answer


def _is_set(value: Any) -> bool:
    return value not in (None, "")
