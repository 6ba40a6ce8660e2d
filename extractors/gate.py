"""The cheap test that an article must pass before anything costly is done with it."""

from __future__ import annotations

import re

from extractors.fold import fold

# One of these stems stands in every article with a fact; most pages have none.
_TRIGGERS = re.compile(
    r"xếp|hạng|bậc|điểm|chỉ số|index|cchc|cải cách|sipas|papi|pci|ddci|dti|pii|pgi|index"
    r"|biên chế|tinh giản|tinh giảm|thôi việc|nghỉ hưu|nghỉ việc|về hưu"
    r"|bằng khen|giấy khen|huân chương|huy chương|cờ thi đua|kỷ niệm chương|kỉ niệm chương|khen thưởng|chiến sĩ thi đua"
    r"|chiến sỹ thi đua|danh hiệu|tặng cờ|trao thưởng|biểu dương|anh hùng|lao động xuất sắc|lao động tiên tiến"
)


def is_worth_reading(text: str) -> bool:
    """False only where no fact can stand."""
    return _TRIGGERS.search(fold(text)) is not None
