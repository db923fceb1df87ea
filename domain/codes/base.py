"""What a code is: a value that is stored and the Chinese label users see."""

from enum import StrEnum
from typing import Self

from domain.errors import BadInput


class Code(StrEnum):
    """A code and its Chinese label: members are written `NAME = "code", "标签"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Keep the label beside the code; the member itself equals the code."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member

    @classmethod
    def parse(cls, text: str, field: str = "") -> Self:
        """The member with this code or label; raises BadInput listing what is allowed."""
        cleaned = text.strip()
        for member in cls:
            if cleaned in (member.value, member.label):
                return member
        allowed = "、".join(member.label for member in cls)
        raise BadInput(f"“{cleaned[:20]}”不是有效的{(cls.__doc__ or cls.__name__).strip()}；可用：{allowed}。", field)
