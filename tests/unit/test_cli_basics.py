"""The command line itself: help with examples, one clear line for every mistake, options, token, generated files."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest
import typer

from api import up
from api.auth import Authenticator
from api.cli.app import app
from api.cli.base import run_app
from api.cli.cases import _moment
from domain.access import RoleCode
from domain.errors import BadInput, BadSetting
from infra.settings import load_settings


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINZHENG_DATA_DIR", str(tmp_path / "data"))
    for name in ("PORT", "DATA_DIR", "PERSONS", "DEMO", "KAFKA", "MINZHENG_TODAY", "MINZHENG_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def verbs() -> Iterator[list[str]]:
    """Every verb of the command line."""
    top = typer.main.get_command(app)

    def below(command: click.Command, path: list[str]) -> Iterator[list[str]]:
        children = getattr(command, "commands", None)
        if children is None:
            yield path
        else:
            for name, child in children.items():
                yield from below(child, [*path, name])

    return below(top, [])  # type: ignore[arg-type]


VERBS = [" ".join(path) for path in verbs()]


def test_every_promised_verb_is_there() -> None:
    promised = {
        "up", "serve", "project", "migrate", "import", "demo generate", "token", "log head", "log export",
        "projections status", "projections rebuild", "projections verify", "case replay", "quarantine list",
        "quarantine retry", "findings list", "doctor",
    }  # fmt: skip
    assert promised <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(app, [*verb.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert "示例" in shown
    assert f"minzheng {verb}" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nonsense"], 2, "nonsense"),
        (["token", "--role", "auditor"], 2, "--division"),
        (["token", "--role", "king", "--division", "440704"], 1, "角色"),
        (["token", "--role", "auditor", "--division", "abc"], 1, "区划"),
        (["demo", "generate", "--out", "d", "--persons", "3"], 1, "人数"),
        (["case", "replay", "x", "--as-of", "gestern"], 1, "时间"),
        (["findings", "list", "--rule", "nix"], 1, "疑点规则"),
        (["projections", "rebuild", "nix"], 1, "读模型"),
    ],
)
def test_a_mistake_is_one_line_on_standard_error(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.views.on_platform", _without_platform)
    assert run_app(app, arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("minzheng: ")
    assert says in captured.err


def _without_platform(work: object) -> None:
    """Runs the check that comes before anything is opened."""
    from api.cli.views import _chosen

    _chosen(["nix"])


def test_a_fault_of_the_program_is_one_line_unless_debugging(capsys: pytest.CaptureFixture[str]) -> None:
    broken = typer.Typer()

    @broken.command()
    def fail() -> None:
        raise ZeroDivisionError("secret detail")

    assert run_app(broken, []) == 1
    shown = capsys.readouterr().err
    assert "ZeroDivisionError" in shown
    assert "secret detail" not in shown
    with pytest.raises(ZeroDivisionError):
        run_app(broken, ["--debug"])


def test_ctrl_c_ends_quietly() -> None:
    interrupted = typer.Typer()

    @interrupted.command()
    def wait() -> None:
        raise KeyboardInterrupt

    assert run_app(interrupted, []) == 130


def test_generate_answers_with_the_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(app, ["demo", "generate", "--out", str(tmp_path / "d"), "--persons", "300", "--json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["persons"] == 300
    assert all((tmp_path / "d" / file["path"]).exists() for file in manifest["files"])


async def test_token_is_one_the_api_accepts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(app, ["token", "--role", "street_officer", "--division", "440704004", "--name", "演示"]) == 0
    token = capsys.readouterr().out.strip()
    actor = (await Authenticator(load_settings()).authenticate(f"Bearer {token}")).actor
    assert (actor.name, actor.role, actor.division_code) == ("演示", RoleCode.STREET_OFFICER, "440704004")


def test_doctor_before_anything_exists(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(app, ["doctor", "--json"]) == 0
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert checks["数据库"]["health"] == "notice"
    assert not Path("data").exists()


@pytest.mark.parametrize(("today", "health"), [("2016-09-30", "ok"), ("2016-10-08", "notice")])
def test_doctor_asks_for_next_years_holidays_in_time(
    today: str, health: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINZHENG_TODAY", today)
    assert run_app(app, ["doctor", "--json"]) == 0
    (found,) = (check for check in json.loads(capsys.readouterr().out) if check["name"] == "节假日安排")
    assert found["health"] == health
    assert ("2017 年" in found["detail"]) == (health == "notice")


def test_doctor_fails_where_something_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "open.key").write_text("00" * 32)
    (tmp_path / "open.key").chmod(0o644)
    monkeypatch.setenv("MINZHENG_MASTER_KEY_FILE", str(tmp_path / "open.key"))
    assert run_app(app, ["doctor"]) == 1
    captured = capsys.readouterr()
    assert "主密钥" in captured.err
    assert "0000" not in captured.out
    monkeypatch.setenv("MINZHENG_MODE", "nonsense")
    assert run_app(app, ["doctor"]) == 1


def test_options_come_from_the_environment() -> None:
    given = {"PORT": "9000", "DATA_DIR": "/srv/x", "PERSONS": "500", "DEMO": "0", "KAFKA": "local"}
    assert up.options_from(given) == up.Options(9000, Path("/srv/x"), 500, False, "local")
    assert up.options_from({}) == up.Options()
    assert up.options_from({"DEMO": "", "PORT": ""}) == up.Options()
    with pytest.raises(BadSetting, match="PERSONS"):
        up.options_from({"PERSONS": "many"})


def test_the_demo_sets_the_business_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = up.Options(data_dir=tmp_path)
    assert up.settings_for(options).today == date(2015, 12, 31)
    monkeypatch.setenv("MINZHENG_TODAY", "2016-03-01")
    assert up.settings_for(options).today == date(2016, 3, 1)
    monkeypatch.delenv("MINZHENG_TODAY")
    assert up.settings_for(up.Options(data_dir=tmp_path, demo=False)).today is None
    up.demo_folder(tmp_path).mkdir()
    assert up.settings_for(up.Options(data_dir=tmp_path, demo=False)).today == date(2015, 12, 31)


def test_an_interrupted_generation_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "files.new").mkdir()
    (tmp_path / "files.new" / "half.csv").write_text("x")
    files = up.prepare_demo(tmp_path, 300, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files"]
    kept = (files / "manifest.json").stat().st_mtime_ns
    assert up.prepare_demo(tmp_path, 400, 1) == files
    assert (files / "manifest.json").stat().st_mtime_ns == kept


def test_moments_are_local_and_a_day_means_its_end() -> None:
    assert _moment("2015-12-31").isoformat() == "2015-12-31T23:59:59.999999+08:00"
    assert _moment("2015-12-31T09:00").isoformat() == "2015-12-31T09:00:00+08:00"
    assert _moment("2015-12-31T09:00:00+00:00").utcoffset() is not None
    with pytest.raises(BadInput):
        _moment("31.12.2015")
