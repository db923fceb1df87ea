"""`GET /payrolls/{id}/bank-file`: the file a bank pays from, for those who may send it."""

from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Header, Response

from api.auth import Authenticator
from connectors.bank_file import ENCODING, make_bank_file
from projections.funds.bank_lines import bank_lines_reader

if TYPE_CHECKING:
    from api.platform import Platform


def bank_routes(platform: "Platform", authenticator: Authenticator) -> APIRouter:
    """The routes of an open platform."""
    router = APIRouter()
    lines = bank_lines_reader(platform.log, platform.databases.url)

    @router.get("/payrolls/{payroll_id}/bank-file")
    async def bank_file(payroll_id: UUID, authorization: str | None = Header(default=None)) -> Response:
        """The bank's file of one payroll; that it was made is recorded with its hash first."""
        actor = (await authenticator.authenticate(authorization)).actor
        file = await make_bank_file(platform.store, lines, platform.dispatcher, actor, payroll_id)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Cache-Control": "no-store",
            "X-Content-SHA256": file.sha256,
        }
        return Response(file.content, media_type=f"text/csv; charset={ENCODING}", headers=headers)

    return router
