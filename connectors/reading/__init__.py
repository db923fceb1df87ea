"""From a file's rows to typed facts, or to faults a clerk understands."""

from connectors.reading.reader import Layout, Reading, open_reading
from connectors.reading.rows import Parsed, Reason, RowFault

__all__ = ["Layout", "Parsed", "Reading", "Reason", "RowFault", "open_reading"]
