"""Platforms' declarations: the built-in ones hold, and a mistake is told with its line."""

import pytest

from connectors.mapping.lines import MappingFault
from connectors.platforms.declaration import Platform, Shown, builtin, load_platforms, read_platform
from domain.errors import BadSetting

GOOD = """\
name: one
title: 某平台
division: "440704"
events:
  registry.DeathConfirmed:
    fields: [died_on]
    person: [citizen_id]
"""


def test_every_built_in_one_tells_something_and_names_itself_in_chinese() -> None:
    found = builtin()
    assert set(found) == {"assistance", "eldercare", "fiscal", "geography", "medical_insurance", "population"}
    for platform in found.values():
        assert platform.events
        assert any("一" <= letter <= "鿿" for letter in platform.title)
    assert not any(told.person for told in found["geography"].events.values())


def test_only_what_a_receiver_must_know_of_a_person_can_be_told() -> None:
    told = read_platform(GOOD, "one.yaml").events["registry.DeathConfirmed"]
    assert told.fields == (Shown("died_on", "diedOn"),)
    assert (told.person, told.whose) == ((Shown("citizen_id", "citizenId"),), "")
    assert not any(
        told.opened for name, platform in builtin().items() if name != "fiscal" for told in platform.events.values()
    )


def test_a_field_may_have_the_platform_s_own_name_and_form() -> None:
    """Also in another order of columns than the events have."""
    platform = read_platform(
        GOOD.replace("fields: [died_on]", "fields: {died_on: 死亡日期}")
        + """  assistance.PaymentIssued:
    fields:
      amount_fen: {name: 金额, as: yuan}
      kind: {as: label}
    opened: [account]
""",
        "one.yaml",
    )
    assert platform.columns == ("citizenId", "死亡日期", "金额", "kind", "account")
    paid = platform.events["assistance.PaymentIssued"]
    assert paid.fields == (Shown("amount_fen", "金额", "yuan"), Shown("kind", "kind", "label"))


def test_each_way_has_what_it_needs() -> None:
    def by(way: str) -> Platform:
        return read_platform(GOOD.replace("events:", f"{way}\nevents:"), "one.yaml")

    assert (by("way: files").format, by("way: files").every) == ("csv", 60)
    assert (by("way: files\nformat: xlsx\nevery: 5").format, by("way: files\nevery: 5").every) == ("xlsx", 5)
    assert by("way: tables\ntable: share.deaths").table == "share.deaths"
    assert by("way: https\nurl: https://a.example\nlist: https://b.example").list == "https://b.example"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("registry.DeathConfirmed", "registry.Death", 5, "没有事件"),
        ("[died_on]", "[died_on, name]", 6, "没有可发送的字段"),
        ("[citizen_id]", "[account]", 7, "person 只能是"),
        ("title: 某平台\n", "", 1, "缺少 title"),
        ("name: one", "nome: one", 1, "未知"),
        ("name: one", "name: one\nway: pigeon", 2, "way 只能是"),
        ("name: one", "name: one\nway: https\nurl: http://example.invalid/", 3, "https://"),
        ("registry.DeathConfirmed", "assistance.CaseConfirmed", 7, "没有"),
        ("name: one", "name: One", 1, "小写字母"),
        ("name: one", "name: one\nway: tables", 1, "须给出 table"),
        ("name: one", "name: one\nway: tables\ntable: x; DROP TABLE y", 3, "须给出 table"),
        ("name: one", "name: one\nway: files\nformat: doc", 3, "format 只能是"),
        ("name: one", "name: one\nway: files\nevery: 0", 3, "分钟"),
        ("name: one", "name: one\nway: files\nurl: https://a.example", 3, "url 只用于 way: https"),
        ("name: one", "name: one\nsource: moon", 2, "没有来源系统"),
        ("[died_on]", "{died_on: {name: 死亡, as: yuan}}", 6, "as: yuan 只用于金额"),
        ("[died_on]", "{died_on: {name: 死亡, as: label}}", 6, "as: label 只用于代码"),
        ("[died_on]", "{died_on: {name: 死亡, as: upper}}", 6, "as 只能是"),
        ("[died_on]", "[died_on]\n    opened: [died_on]", 7, "没有加密字段"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(MappingFault, match=words) as told:
        read_platform(
            GOOD.replace(old, new).replace("[died_on]", "[from_on]" if "Case" in new else "[died_on]"), "one.yaml"
        )
    assert f"one.yaml 第 {line} 行" in str(told.value)


def test_those_in_use_are_named_or_stand_in_a_folder(tmp_path: object) -> None:
    from pathlib import Path

    assert load_platforms("") == ()
    assert [platform.name for platform in load_platforms("population, geography")] == ["population", "geography"]
    with pytest.raises(BadSetting, match="没有平台"):
        load_platforms("moon")
    folder = Path(str(tmp_path))
    (folder / "a.yaml").write_text(GOOD, encoding="utf-8")
    (folder / "b.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(BadSetting, match="同名"):
        load_platforms(str(folder))
    (folder / "b.yaml").unlink()
    assert [platform.title for platform in load_platforms(str(folder))] == ["某平台"]
