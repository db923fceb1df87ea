"""`GET /payrolls/{id}/bank-file`: the file a bank pays from, for those who may send it."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Authenticator
from api.plain import HEADERS, answered, known_id
from connectors.bank_file import ENCODING, make_bank_file
from domain.access import Actor
from projections.funds.bank_lines import bank_lines_reader

if TYPE_CHECKING:
    from api.platform import Platform


def add_bank(service: FastAPI, platform: "Platform", authenticator: Authenticator) -> None:
    """Put the address into the service."""
    lines = bank_lines_reader(platform.log, platform.databases.url)

    async def bank_file(request: Request, actor: Actor) -> Response:
        """The bank's file of one payroll; that it was made is recorded with its hash first."""
        id = known_id(request.path_params["id"])
        file = await make_bank_file(platform.store, lines, platform.dispatcher, actor, id)
        headers = {
            **HEADERS,
            "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "x-content-sha256": file.sha256,
        }
        return Response(file.content, media_type=f"text/csv; charset={ENCODING}", headers=headers)

    handler = answered(bank_file, authenticator, platform.dispatcher.rights)
    service.add_route("/payrolls/{id}/bank-file", handler, methods=["GET"])
