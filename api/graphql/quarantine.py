"""The quarantine in the API: rows of sources that could not be understood, read from the connectors' own table.

That table is no read model: it has no past and follows no projection. Its own row security admits readers under the
same scope; the raw cells are sealed and not for them.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from api.graphql.kinds import Kind, plain_kind
from api.graphql.roots import listing
from domain.access import Area
from domain.codes import Code
from projections.kernel.tables import Column


class QuarantineState(Code):
    """隔离记录状态"""

    OPEN = "open", "待处理"
    MENDED = "mended", "已更正"
    RECORDED = "recorded", "已入库"
    DISCARDED = "discarded", "已废弃"


def _column(name: str, kind: Any, doc: str, *, nullable: bool = False) -> Column:
    return Column(name, kind, nullable, doc)


class QuarantineEntry:
    """隔离记录"""


KIND: Kind = plain_kind(
    "quarantine",
    QuarantineEntry,
    table="connectors.quarantine",
    columns=(
        _column("id", UUID, "隔离记录标识"),
        _column("source", str, "来源系统"),
        _column("kind", str, "记录类别"),
        _column("area", Area, "数据领域"),
        _column("division_code", str, "区划代码"),
        _column("row_number", int, "文件中的行号"),
        _column("export_on", date, "导出日期"),
        _column("reason", str, "原因代码"),
        _column("message", str, "原因说明"),
        _column("column_names", tuple[str, ...], "所涉列名"),
        _column("state", QuarantineState, "状态"),
        _column("attempts", int, "重试次数"),
        _column("created_at", datetime, "隔离时间"),
        _column("closed_at", datetime, "办结时间", nullable=True),
    ),
    order=("division_code", "created_at", "id"),
    filters=("source", "kind", "area", "division_code", "reason", "state", "export_on"),
)
ROOTS = (
    listing("quarantine", "quarantine", "未能识别的来源数据 · rows of sources that were not understood", timed=False),
)
