"""Row security: what a session may see follows from three of its settings, and nothing when they are not set.

    minzheng.lo, minzheng.hi   the range of division codes, `lo <= scope < hi`
    minzheng.areas             the areas, comma-separated
    minzheng.visit             the business date and an id of the account ("2016-01-11 <uuid>"), of whoever sees by
                               account (a visitor, an assessor, a hospital's window, a grid worker); else empty

The division range is a pair of text comparisons (leakproof, so it may lead an index). The area test is a subquery
without columns, so that PostgreSQL runs it once a scan: written plainly it would run once a row, and cost a list as
much as the list itself. Readers own nothing, so the policies hold for them without exception.
"""

from datetime import date

from domain.access import Actor, RoleCode, account_id, own_work_id, subtree, window_id
from projections.kernel.tables import VIEWS, View

LO, HI, AREAS, VISIT = "minzheng.lo", "minzheng.hi", "minzheng.areas", "minzheng.visit"
BY_ACCOUNT = {
    RoleCode.VISITOR: account_id,
    RoleCode.ASSESSOR: account_id,
    RoleCode.HOSPITAL_DESK: window_id,
    RoleCode.GRID_WORKER: own_work_id,
}
"""Roles that read rows of their own by their account, and the id by which they do."""
SETTINGS = (LO, HI, AREAS, VISIT)
READER = "minzheng_reader"
_AREAS = f"string_to_array(current_setting('{AREAS}', true), ',')"


_VISIT = f"current_setting('{VISIT}', true)"
_DAY = f"(SELECT nullif(left({_VISIT}, 10), '')::date)"
_ACCOUNT = f"(SELECT nullif(substr({_VISIT}, 12), '')::uuid)"


def session_scope(actor: Actor, today: date | None = None) -> dict[str, str]:
    """The settings that give a reader's session this actor's scope (set them with set_config, for the session).

    What is one account's alone is shown only with the business date. A grid worker's deputy sees the worker's own.
    """
    lo, hi = subtree(actor.division_code)
    by_account = BY_ACCOUNT.get(actor.role)
    account = (actor.acts_for or actor.name) if actor.role is RoleCode.GRID_WORKER else actor.name
    visit = f"{today} {by_account(account)}" if by_account is not None and today is not None else ""
    return {LO: lo, HI: hi, AREAS: ",".join(sorted(actor.areas)), VISIT: visit}


def policy(view: View) -> str:
    """The condition under which a reader sees a row of the view's tables."""
    if view.public:
        return f"current_setting('{LO}', true) <> ''"
    scope = f"scope >= current_setting('{LO}', true) AND scope < current_setting('{HI}', true)"
    if (own := view.private) is not None:
        since = f" AND {own.since} <= {_DAY}" if own.since else ""
        return f"{scope} AND {own.open} AND {own.account} = {_ACCOUNT} AND {own.until} >= {_DAY}{since}"
    if view.area is None:
        return f"{scope} AND area = ANY ((SELECT {_AREAS})::text[])"
    area = f"(SELECT '{view.area.value}' = ANY ({_AREAS}))"
    if (through := view.through) is not None:  # the private view's own policy says which of its rows are theirs
        theirs = f"ARRAY(SELECT p.{through.column} FROM {VIEWS[through.to].live} p)"
        return f"{scope} AND ({area} OR {through.column} = ANY ({theirs}))"
    return f"{scope} AND {area}"


def policies(view: View) -> list[str]:
    """Statements that open the view's tables to readers under the policy; none where it is internal."""
    if view.internal:
        return []
    statements = []
    for table in (view.live, view.history) if view.has_history else (view.live,):
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"GRANT SELECT ON {table} TO {READER}",
        ]
        if view.private is None or table == view.live:  # without a policy nobody sees anything
            statements.append(f"CREATE POLICY readers ON {table} FOR SELECT TO {READER} USING ({policy(view)})")
    return statements + figures(view)


def figures(view: View) -> list[str]:
    """Statements that let readers count the view's versions under the division each of them names (`Figures`).

    The relations run with the rights of the tables' owner, for whom row security does not hold, and show what lies in
    the reader's own range of divisions, as the policies do.
    """
    if view.figures is None:
        return []
    shown = ", ".join(f"t.{name}" for name in (*view.figures.columns, "division_code", "valid_from", "from_pos"))
    owner = ""
    if view.figures.of_owner:
        assert view.owner is not None
        to = VIEWS[view.owner.to]
        shown += "".join(f", o.{name}" for name in view.figures.of_owner)
        owner = f" JOIN {to.live} o ON o.{to.key[0]} = t.{view.owner.column}"
    assert view.area is not None, "figures are of one area"
    areas = ", ".join(f"'{area.value}'" for area in (view.area, *view.figures.also))
    theirs = (
        f"t.division_code >= current_setting('{LO}', true) AND t.division_code < current_setting('{HI}', true) "
        f"AND (SELECT ARRAY[{areas}] && {_AREAS})"
    )
    past = ", t.valid_to, t.until_pos, t.to_pos"
    statements = []
    for name, table, more in (
        (f"{view.name}_figures", view.live, ""),
        (f"{view.name}_past_figures", view.history, past),
    ):
        statements += [
            f"CREATE VIEW {name} WITH (security_barrier) AS SELECT {shown}{more} FROM {table} t{owner} WHERE {theirs}",
            f"GRANT SELECT ON {name} TO {READER}",
        ]
    return statements
