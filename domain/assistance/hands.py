"""Three hands: who prepared a case, who reviewed it and who decides it are three people."""

from typing import NamedTuple

from domain.errors import RuleViolated


class Hands(NamedTuple):
    """Accounts of those who prepared and reviewed a case."""

    prepared: str = ""
    reviewed: str = ""

    def demand_other(self, account: str, what: str) -> None:
        """Raise RuleViolated where the one who acts now has acted on this case before."""
        for earlier, label in ((self.prepared, "登记核对结果"), (self.reviewed, "提出审核意见")):
            if account and account == earlier:
                raise RuleViolated(f"您已为此个案{label}，不能再{what}；请由其他经办人办理。")
