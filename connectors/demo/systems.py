"""The systems beside population and assistance, each after what it builds on.

They speak of the same persons: elders in beds are on the roster, patients are on dibao or tekun, who died left.
"""

from collections.abc import Sequence

from connectors.demo.allowances import write_allowances
from connectors.demo.civic import write_civic
from connectors.demo.disability import write_disability
from connectors.demo.eldercare import write_eldercare
from connectors.demo.feed import Books
from connectors.demo.grid import write_grid
from connectors.demo.medical import write_medical
from connectors.demo.procurement import write_procurement
from connectors.demo.relief import write_relief
from connectors.demo.residents import Place, Resident
from connectors.demo.welfare import Case


def write_systems(books: Books, known: Sequence[Resident], cases: Sequence[Case], places: Sequence[Place]) -> None:
    """Write every other system's files, in import order."""
    assisted = {person.citizen_id for case in cases for person in case.covered}
    stays = write_eldercare(books, known, cases, places)
    roster = write_allowances(books, [r for r in known if r.citizen_id not in assisted])
    write_disability(books, known, cases, roster)
    admitted = write_medical(books, known, cases, {stay.person.citizen_id for stay in stays})
    stays.write_services(books, admitted)
    write_grid(books, known)
    write_relief(books, cases)
    write_procurement(books)
    write_civic(books, places)
