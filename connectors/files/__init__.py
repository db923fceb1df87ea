"""Files of rows in any form offices have them: CSV, XLSX, XLS, ODS, HTML, XML spreadsheets, JSON lines."""

from connectors.files.table import RawRow, Table, open_table

__all__ = ["RawRow", "Table", "open_table"]
