"""Who may see and do what."""

import pytest

from domain.access import HANDED_OVER, SYSTEM, Actor, Area, PersonalClass, RoleCode, subtree
from domain.codes import Scheme
from domain.errors import BadInput


def test_an_actor_covers_a_subtree() -> None:
    street = Actor("x", RoleCode.STREET_OFFICER, "440704004")
    assert street.covers("440704004")
    assert street.covers("440704004203")
    assert not street.covers("440704")
    assert not street.covers("440704005")
    assert SYSTEM.covers("440704001015")


@pytest.mark.parametrize("code", ["440704004", "440704", ""])
def test_a_subtree_is_a_range_of_texts(code: str) -> None:
    low, high = subtree(code)
    for other in ("440704004203", "440704005001", "440704", "440703002"):
        assert (low <= other < high) is other.startswith(code)


def test_role_and_department_both_limit_the_areas() -> None:
    assert Actor("x", RoleCode.AUDITOR, "440704").areas == frozenset(Area)
    assert Actor("x", RoleCode.DISTRICT_CLERK, "440704").areas == frozenset(Area) - {Area.RIGHTS}
    assert Actor("x", RoleCode.DISTRICT_CLERK, "440704", "finance").areas == {
        *(Area.ASSISTANCE, Area.FUNDS, Area.CARE, Area.MEDICAL, Area.PROCUREMENT)
    }
    assert Actor("x", RoleCode.GRID_WORKER, "440704", "finance").areas == frozenset()
    assert PersonalClass.IDENTITY not in Actor("x", RoleCode.GRID_WORKER, "440704").clear
    assert Actor("x", RoleCode.VISITOR, "440704").areas == frozenset()
    assert Actor("x", RoleCode.VISITOR, "440704").clear == {PersonalClass.CONTACT}


def test_caseworkers_of_other_departments_only_read() -> None:
    assert Actor("x", RoleCode.DISTRICT_CLERK, "440704").may_decide
    assert not Actor("x", RoleCode.DISTRICT_CLERK, "440704", "finance").may_decide
    assert not Actor("x", RoleCode.STREET_OFFICER, "440704004", "health").may_decide
    assert Actor("x", RoleCode.FINANCE_OFFICER, "440704", "finance").may_decide
    assert Actor("x", RoleCode.AUDITOR, "440704", "audit").may_decide


@pytest.mark.parametrize(
    ("division", "department"), [("4407x", "civil_affairs"), ("4407040042031", "civil_affairs"), ("440704", "x")]
)
def test_what_no_actor_can_have(division: str, department: str) -> None:
    with pytest.raises(BadInput):
        Actor("x", RoleCode.AUDITOR, division, department)


def test_an_unknown_code_lists_what_is_allowed() -> None:
    with pytest.raises(BadInput, match="“医疗”不是有效的救助类别；可用：最低生活保障、特困人员供养、临时救助"):
        Scheme.parse("医疗", "scheme")


def test_a_departments_officer_reads_what_was_handed_over_to_it_and_nothing_else() -> None:
    for department, area in HANDED_OVER.items():
        assert Actor("x", RoleCode.DEPARTMENT_OFFICER, "440704", department.value).areas == {area}
        assert area in Actor("x", RoleCode.COMMUNITY_WORKER, "440704").areas
    assert Actor("x", RoleCode.DEPARTMENT_OFFICER, "440704", "audit").areas == frozenset()
    with pytest.raises(BadInput, match="职能部门经办人员"):
        Actor("x", RoleCode.AUDITOR, "440704", "housing")
