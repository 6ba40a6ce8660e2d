"""The province that a site's host and title name."""

from __future__ import annotations

from extractors import lookups
from extractors.fold import fold


def named_by(host: str, title: str) -> str | None:
    """The name of the province that a label of the host begins or ends with ("baolongan.vn", "sonoivu.haugiang.gov.vn"),
    else of the only one in the title; None where there is none. Of several in the host it is the longest name."""
    labels = host.lower().split(".")
    names = dict.fromkeys(record.name for record in lookups.provinces())
    squashed = {name: "".join(filter(str.isalnum, lookups.without_marks(fold(name)))) for name in names}
    in_host = [
        name for name, plain in squashed.items() if any(one.startswith(plain) or one.endswith(plain) for one in labels)
    ]
    if in_host:
        return max(in_host, key=lambda name: len(squashed[name]))
    in_title = [name for name in names if fold(name) in fold(title)]
    return in_title[0] if len(in_title) == 1 else None
