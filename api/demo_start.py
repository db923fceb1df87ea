"""What the demo district's platform knows before the settlement systems report: hospitals, and whom to assist.

Agreements with hospitals and categories by hand are decisions of officers; no file brings them.
"""

from datetime import datetime

from connectors.demo.manifest import Manifest
from connectors.demo.medical import HOSPITALS
from domain.access import Actor, RoleCode
from domain.clock import at
from domain.codes import MaCategory
from domain.errors import RuleViolated
from domain.kernel import Command
from domain.medical import commands as medical
from infra.dispatch import Dispatcher
from infra.store import EventStore

CLERK = Actor("演示区经办", RoleCode.DISTRICT_CLERK, "440704")
_CITIZEN_ID = "citizen_id"


async def before_settlements(store: EventStore, manifest: Manifest) -> None:
    """Give these commands as a fictitious officer; again, or after a kill, they repeat nothing."""
    clock: list[datetime] = [at(manifest.today)]
    dispatcher = Dispatcher(store, lambda: clock[0])
    first, last = manifest.today.replace(year=2011, month=1, day=1), manifest.today.replace(year=2020)
    for number, (code, title, level) in enumerate(HOSPITALS, 1):
        agreement = medical.DesignateHospital(
            code=code, title=title, level=level, agreement_no=f"演示协议{number}", from_on=first, to_on=last
        )
        await _once(dispatcher, agreement, f"demo-hospital-{number}")
    keyring = store.keyring
    digests = {keyring.digest(_CITIZEN_ID, each.citizen_id): each for each in manifest.categories}
    owners = await store.log.identifiers(list(digests))
    for digest, each in digests.items():
        if digest in owners:
            opened = medical.OpenMedicalCategory(
                person_id=owners[digest],
                category=MaCategory(each.category),
                from_on=each.from_on,
                to_on=each.to_on,
                basis="演示：低保、特困在册名单",
            )
            await _once(dispatcher, opened, f"demo-category-{digest.hex()[:24]}")


async def _once(dispatcher: Dispatcher, command: Command, mark: str) -> None:
    try:
        await dispatcher.dispatch(command, CLERK, mark)
    except RuleViolated:
        return  # a case has given the category meanwhile, or an earlier run the agreement
