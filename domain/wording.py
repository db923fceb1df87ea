"""What has to be written by whoever decides: reasons, measures, results."""

from domain.errors import RuleViolated


def written(text: str, demand: str) -> str:
    """The text without blanks around it; raises RuleViolated with the demand where nothing is left."""
    if not text.strip():
        raise RuleViolated(demand)
    return text.strip()
