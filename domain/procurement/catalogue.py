"""The guidance catalogue (政府购买服务指导性目录): nothing is bought as a service that does not stand in it on the day.

财政部令第102号 article 10 `[law*]`. The items come with the product as data; which items the district published is to
be confirmed (the file says so).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml

from domain.errors import RuleViolated


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One kind of service that may be bought from `from_on` to `to_on` (both counted)."""

    code: str
    name: str
    from_on: date
    to_on: date | None

    def holds(self, on: date) -> bool:
        """Whether it stands in the catalogue on a day."""
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


@cache
def catalogue() -> Mapping[str, CatalogueItem]:
    """The items that come with the product, by code."""
    document = yaml.safe_load(files("domain.procurement").joinpath("catalogue.yaml").read_text("utf-8"))
    items = (CatalogueItem(row["代码"], row["名称"], row["自"], row.get("至")) for row in document["项目"])
    return {item.code: item for item in items}


def demand_item(code: str, on: date) -> CatalogueItem:
    """The item of that code; raises RuleViolated where the catalogue has none on that day."""
    item = catalogue().get(code.strip().upper())
    if item is None or not item.holds(on):
        known = "、".join(f"{each.code} {each.name}" for each in catalogue().values() if each.holds(on))
        raise RuleViolated(f"“{code[:40]}”不在 {on} 有效的购买服务指导性目录内，不能立项；目录内有：{known or '无'}。")
    return item
