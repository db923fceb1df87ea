"""YAML read with line numbers, so that a mistake in a mapping file is named by file and line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from domain.errors import BadInput

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it


class MappingFault(BadInput):
    """A mapping file that is wrong; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a mapping file, and where it stands."""

    file: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """The line it begins on, from 1."""
        return int(self.node.start_mark.line) + 1

    def fault(self, message: str) -> MappingFault:
        """An error at this place."""
        return MappingFault(f"映射文件 {self.file} 第 {self.line} 行：{message}", "mapping")

    def holds_names(self) -> bool:
        """Whether it is a mapping of names to values."""
        return isinstance(self.node, yaml.MappingNode)

    def text(self) -> str:
        """A single value, always as text."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.fault("这里应为一个值。")
        return str(self.node.value).strip()

    def texts(self) -> tuple[str, ...]:
        """A list of values; a single value is a list of one."""
        if isinstance(self.node, yaml.SequenceNode):
            return tuple(Node(self.file, item).text() for item in self.node.value)
        return (self.text(),)

    def list(self) -> "Iterator[Node]":
        """A list's items."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.fault("这里应为列表，每项以“- ”开头。")
        for item in self.node.value:
            yield Node(self.file, item)

    def items(self) -> "dict[str, tuple[Node, Node]]":
        """A mapping's entries by key: (where the key stands, value). A key given twice is a fault."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault("这里应为“名称: 值”。")
        found: dict[str, tuple[Node, Node]] = {}
        for key, value in self.node.value:
            where = Node(self.file, key)
            if where.text() in found:
                raise where.fault(f"“{where.text()}”写了两次。")
            found[where.text()] = (where, Node(self.file, value))
        return found


def read_lines(text: str, file: str) -> Node:
    """Parse a file's text; raises MappingFault at the line where it stops being YAML."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingFault(f"映射文件 {file} 第 {line} 行：不是有效的 YAML（{error.problem}）。", "mapping") from None
    except yaml.YAMLError:
        raise MappingFault(f"映射文件 {file} 含有不能识别的字符；请存为 UTF-8。", "mapping") from None
    if node is None:
        raise MappingFault(f"映射文件 {file} 是空的。", "mapping")
    return Node(file, node)


def read_mapping_file(path: Path) -> Node:
    """Read and parse a file; raises MappingFault where it can't be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MappingFault(f"映射文件 {path.name} 打不开（{error.strerror}）。", "mapping") from None
    except UnicodeDecodeError:
        raise MappingFault(f"映射文件 {path.name} 不是 UTF-8；请另存为 UTF-8。", "mapping") from None
    return read_lines(text, path.name)
