"""What `minzheng sample verify` says of a draw, and by which exit code."""

import json

import pytest

from api.cli import sample
from api.cli.app import app
from api.cli.base import run_app
from infra.draws import Check, Verified

ID = "5e638a37-4ec5-58da-a41a-6610c38785ed"


@pytest.mark.parametrize(("holds", "code", "word"), [(True, 0, "未被改动"), (False, 1, "与日志不符")])
def test_a_draw_is_told_line_by_line(
    holds: bool, code: int, word: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Verified(2016, (Check("种子相符", True), Check("名单一致", holds)))
    monkeypatch.setattr(sample, "on_platform", lambda work: found)
    assert run_app(app, ["sample", "verify", ID]) == code
    said = capsys.readouterr().out
    assert "✓ 种子相符" in said
    assert f"{'✓' if holds else '✗'} 名单一致" in said
    assert f"2016 年抽样：{word}" in said
    assert run_app(app, ["sample", "verify", ID, "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert (told["unaltered"], told["checks"][1]) == (holds, {"text": "名单一致", "holds": holds})
