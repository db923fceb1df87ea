"""`minzheng token`: a bearer token for development."""

import sys
from typing import Annotated

import typer

from infra.settings import load_settings


def add_to(app: typer.Typer) -> None:
    """Put the verb into the command line."""
    app.command(epilog="示例：minzheng token --role street_officer --division 440704004")(token)


def token(
    role: Annotated[str, typer.Option("--role", help="角色代码或名称，例如 district_clerk。")],
    division: Annotated[str, typer.Option("--division", help="所辖区划代码，例如 440704 或 440704004。")],
    department: Annotated[
        str, typer.Option("--department", help="部门，例如 civil_affairs、finance、education。")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="经办人姓名或账号。")] = "",
) -> None:
    """签发开发用令牌，写到标准输出；生产环境的令牌由 OIDC 签发。"""
    from api.auth import issue_token

    token = issue_token(
        load_settings(), role=role, division=division, department=department or "civil_affairs", name=name
    )
    sys.stdout.write(token + "\n")
