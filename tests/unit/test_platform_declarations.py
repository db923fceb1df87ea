"""Platforms' declarations: the built-in ones hold, and a mistake is told with its line."""

import pytest

from connectors.mapping.lines import MappingFault
from connectors.platforms.declaration import builtin, load_platforms, read_platform
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
    assert set(found) == {"assistance", "eldercare", "geography", "medical_insurance", "population"}
    for platform in found.values():
        assert platform.events
        assert any("一" <= letter <= "鿿" for letter in platform.title)
    assert not any(told.person for told in found["geography"].events.values())


def test_only_what_a_receiver_must_know_of_a_person_can_be_told() -> None:
    told = read_platform(GOOD, "one.yaml").events["registry.DeathConfirmed"]
    assert (told.fields, told.person, told.whose) == (("died_on",), ("citizen_id",), "")


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
