"""Who may see and do what: roles, departments, division subtrees.

The scope of a caller is a range of division codes (a subtree is a text range, since every code begins with its
parent's), the areas its role and department may read, and the classes of personal data it may see in clear.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from domain.codes import Code, Department
from domain.errors import BadInput


class RoleCode(Code):
    """角色"""

    DISTRICT_CLERK = "district_clerk", "区级经办人员"
    STREET_OFFICER = "street_officer", "街道经办人员"
    COMMUNITY_WORKER = "community_worker", "村（社区）工作人员"
    DEPARTMENT_OFFICER = "department_officer", "职能部门经办人员"
    GRID_WORKER = "grid_worker", "网格员"
    VISITOR = "visitor", "入户核查人员（购买服务）"
    ASSESSOR = "assessor", "评估人员"
    HOSPITAL_DESK = "hospital_desk", "医院结算窗口"
    FINANCE_OFFICER = "finance_officer", "财务人员"
    PLATFORM = "platform", "上级平台"
    AUDITOR = "auditor", "审计人员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    ADMINISTRATOR = "administrator", "系统管理员"


class Area(Code):
    """数据领域"""

    REGISTRY = "registry", "人口与家庭"
    ASSISTANCE = "assistance", "社会救助"
    CARE = "care", "养老助残"
    MEDICAL = "medical", "医疗救助结算"
    GRID = "grid", "社区网格"
    RELIEF = "relief", "灾害救助"
    PROCUREMENT = "procurement", "社会组织和政府购买服务"
    CIVIC = "civic", "基层治理"
    PROCESSES = "processes", "跨系统督办"
    FINDINGS = "findings", "疑点"
    FUNDS = "funds", "资金"
    RIGHTS = "rights", "账号权限"
    CIVIL_AFFAIRS = "civil_affairs", "交民政部门办理的事项"
    EDUCATION = "education", "交教育部门办理的事项"
    HOUSING = "housing", "交住房城乡建设部门办理的事项"
    HUMAN_RESOURCES = "human_resources", "交人力资源社会保障部门办理的事项"
    JUSTICE = "justice", "交司法行政部门办理的事项"
    MEDICAL_INSURANCE = "medical_insurance", "交医疗保障部门办理的事项"
    HEALTH = "health", "交卫生健康部门办理的事项"
    FINANCE = "finance", "交财政部门办理的事项"
    DISABLED_FEDERATION = "disabled_federation", "交残疾人联合会办理的事项"
    CHARITY = "charity", "交慈善组织办理的事项"


HANDED_OVER: dict[Department, Area] = {department: Area(department.value) for department in Department}
"""Where a matter stands that was handed over to a department: its officers read that, caseworkers read all of them."""
_MATTERS = frozenset(HANDED_OVER.values())

CASEWORKERS = frozenset({RoleCode.DISTRICT_CLERK, RoleCode.STREET_OFFICER, RoleCode.COMMUNITY_WORKER})

OFFICIALS = frozenset({RoleCode.DISTRICT_CLERK, RoleCode.STREET_OFFICER})
"""Those who decide on the district's or a street's behalf."""
DISTRICT = frozenset({RoleCode.DISTRICT_CLERK})
FINANCE = frozenset({RoleCode.DISTRICT_CLERK, RoleCode.FINANCE_OFFICER})
PAYROLL = FINANCE | OFFICIALS
"""Those who may draw up a payroll; who checks and approves it is of `FINANCE`."""

_BUSINESS = frozenset(Area) - {Area.RIGHTS}
"""What caseworkers work with: who else may do what is no concern of theirs."""
_COMMUNITY = frozenset({Area.REGISTRY, Area.ASSISTANCE, Area.CARE, Area.GRID, Area.RELIEF, Area.CIVIC, Area.PROCESSES})
_MONEY = frozenset({Area.ASSISTANCE, Area.FUNDS, Area.CARE, Area.MEDICAL, Area.PROCUREMENT})
"""What is paid for: whoever pays reads what it is paid for."""
_AREAS: dict[RoleCode, frozenset[Area]] = {
    RoleCode.DISTRICT_CLERK: _BUSINESS,
    RoleCode.STREET_OFFICER: _BUSINESS,
    RoleCode.COMMUNITY_WORKER: _COMMUNITY | _MATTERS,
    RoleCode.GRID_WORKER: frozenset({Area.REGISTRY, Area.GRID}),
    RoleCode.VISITOR: frozenset(),
    RoleCode.ASSESSOR: frozenset(),
    RoleCode.HOSPITAL_DESK: frozenset(),
    RoleCode.FINANCE_OFFICER: _MONEY,
    RoleCode.PLATFORM: frozenset({Area.ASSISTANCE, Area.CARE, Area.MEDICAL, Area.RELIEF}),
    RoleCode.AUDITOR: frozenset(Area),
    RoleCode.AUDIT_ADMIN: frozenset({Area.RIGHTS}),
    RoleCode.SECURITY_ADMIN: frozenset({Area.RIGHTS}),
    RoleCode.ADMINISTRATOR: frozenset({Area.RIGHTS}),
}

_DEPARTMENT_AREAS: dict[str, frozenset[Area]] = {
    "civil_affairs": frozenset(Area),
    "finance": _MONEY,
    "health": frozenset({Area.REGISTRY, Area.CARE, Area.MEDICAL}),
    "audit": frozenset(Area),
}
"""Departments whose people may have any role here; those of the others only answer what is handed over to them."""
_DEPARTMENTS = tuple(dict.fromkeys((*_DEPARTMENT_AREAS, *(department.value for department in Department))))


class PersonalClass(Code):
    """个人信息类别"""

    IDENTITY = "identity", "证件号码"
    CONTACT = "contact", "电话、住址"
    ACCOUNT = "account", "银行账号"
    CIRCUMSTANCES = "circumstances", "入户核查、异议、转介、追回和投诉的内容"
    FINANCES = "finances", "经济状况核对内容"
    HEALTH = "health", "健康、残疾、能力评估和诊疗内容"
    LOCATION = "location", "位置坐标"


_CLEAR: dict[RoleCode, frozenset[PersonalClass]] = {
    RoleCode.DISTRICT_CLERK: frozenset(PersonalClass),
    RoleCode.STREET_OFFICER: frozenset(PersonalClass),
    RoleCode.COMMUNITY_WORKER: frozenset({PersonalClass.CONTACT, PersonalClass.CIRCUMSTANCES, PersonalClass.LOCATION}),
    RoleCode.GRID_WORKER: frozenset({PersonalClass.CONTACT, PersonalClass.LOCATION}),
    RoleCode.VISITOR: frozenset({PersonalClass.CONTACT}),
    RoleCode.ASSESSOR: frozenset({PersonalClass.CONTACT, PersonalClass.HEALTH}),
    RoleCode.HOSPITAL_DESK: frozenset({PersonalClass.IDENTITY, PersonalClass.HEALTH}),
    RoleCode.DEPARTMENT_OFFICER: frozenset({PersonalClass.CIRCUMSTANCES}),
    RoleCode.FINANCE_OFFICER: frozenset({PersonalClass.ACCOUNT}),
    RoleCode.AUDITOR: frozenset({PersonalClass.IDENTITY}),
}
"""Classes a role sees in clear; everything else is masked."""


CIVIL_AFFAIRS = "civil_affairs"
"""The department that decides on assistance."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a name or account, a role, a department, and the division whose subtree is theirs.

    `acts_for` is the account whose rights a deputy uses (代办); the name stays the deputy's own.
    """

    name: str
    role: RoleCode
    division_code: str
    department: str = "civil_affairs"
    acts_for: str = ""

    def __post_init__(self) -> None:
        if not self.division_code.isascii() or not self.division_code.isdigit() or len(self.division_code) > 12:
            raise BadInput(f"区划代码“{self.division_code[:20]}”应为至多 12 位数字。", "division")
        if self.department not in _DEPARTMENTS:
            raise BadInput(f"部门“{self.department[:40]}”未知；可用：{'、'.join(_DEPARTMENTS)}。", "department")
        if self.department not in _DEPARTMENT_AREAS and self.role is not RoleCode.DEPARTMENT_OFFICER:
            raise BadInput(
                f"部门“{self.department}”的人员只办理转来的事项，角色应为“{RoleCode.DEPARTMENT_OFFICER.label}”。",
                "role",
            )

    @property
    def areas(self) -> frozenset[Area]:
        """The areas both the role and the department may read; a department's officer reads its own matters only."""
        if self.role is RoleCode.DEPARTMENT_OFFICER:
            return frozenset(area for of, area in HANDED_OVER.items() if of.value == self.department)
        return _AREAS[self.role] & _DEPARTMENT_AREAS[self.department]

    @property
    def clear(self) -> frozenset[PersonalClass]:
        """The classes of personal data this role sees unmasked."""
        return _CLEAR.get(self.role, frozenset())

    @property
    def may_decide(self) -> bool:
        """Whether this actor may give commands at all: caseworkers of other departments only read."""
        return self.department == CIVIL_AFFAIRS or self.role not in CASEWORKERS

    def covers(self, division_code: str) -> bool:
        """Whether a division lies in this actor's subtree."""
        return division_code.startswith(self.division_code)


_ACCOUNTS = UUID("3e0d1c52-7f0b-5b5c-9d0a-6f1f4a3f9a11")


def account_id(account: str) -> UUID:
    """The id of an account, by its name alone: the same on every installation."""
    return uuid5(_ACCOUNTS, account)


def window_id(account: str) -> UUID:
    """The id of an account as it works at a hospital's window: what that sees it sees in no other role."""
    return uuid5(account_id(account), RoleCode.HOSPITAL_DESK.value)


def own_work_id(account: str) -> UUID:
    """What a grid worker's own rows are found by: another id than a visitor's, so that neither shows the other's."""
    return uuid5(_ACCOUNTS, f"grid_worker {account}")


DEPARTMENTS = frozenset({RoleCode.DEPARTMENT_OFFICER})
"""Those who answer on a department's behalf what was handed over to it."""
SYSTEM = Actor("minzheng", RoleCode.ADMINISTRATOR, "440704")
"""The platform itself, for what nobody ordered: bootstrap data and deadlines."""


def subtree(division_code: str) -> tuple[str, str]:
    """The range `lo <= code < hi` of codes in a division's subtree (byte order, collation "C")."""
    return division_code, division_code + ":"  # ':' follows '9' in ASCII
