"""Amounts, ratios, caps and limits, each with its division, dates and legal basis.

They stand in the YAML files beside this module, which policy officers read and correct, and in events where the
district adopts a new version (`assistance.StandardAdopted`).
"""

from domain.parameters.loading import official_parameters, read_versions
from domain.parameters.versions import Parameters, ParameterVersion, Span, Unit

__all__ = ["ParameterVersion", "Parameters", "Span", "Unit", "official_parameters", "read_versions"]
