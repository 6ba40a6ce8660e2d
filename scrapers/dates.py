"""The date forms of Vietnamese sites, day first, as ISO dates in local time (+07:00)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

LOCAL = timezone(timedelta(hours=7))
# No site of the kind is older; a later year is a misread number.
YEARS = range(1995, 2100)

# "17/07/2020", "28 - 08 - 2015", "15-01-2024", "5.9.2017": one kind of separator, day first.
_DAY = re.compile(r"(?<![\d/.-])(\d{1,2})\s*([/.-])\s*(\d{1,2})\s*\2\s*(\d{4})(?!\d)")
# "ngày 5 tháng 9 năm 2017", "5 tháng 9, 2017"
_WORDED = re.compile(r"(?<!\d)(\d{1,2})\s+tháng\s+(\d{1,2})(?:\s*,\s*|\s+năm\s+)(\d{4})(?!\d)", re.IGNORECASE)
_TIME = r"(\d{1,2})(?::|h|\s*giờ\s*)(\d{2})(?::\d{2})?(?:\s*([AP]M|SA|CH)\b)?"
# After the day: " 18:00", " | 16:03", " - 18:20", ", 15h30", " 06:00:00 PM", " lúc 9:05"
_TIME_AFTER = re.compile(r"\s*(?:[|,–-]|lúc)?\s*" + _TIME + r"(?![\d:])", re.IGNORECASE)
# Before the day: "09:19 ", "21:56, ", "15:00 ngày ", "17:22 - "
_TIME_BEFORE = re.compile(r"(?<![\d:])" + _TIME + r"\s*(?:[|,–-]|ngày)?\s*(?:ngày\s+)?$", re.IGNORECASE)
# "2020-07-17", "2020-07-17T18:00:00+07:00", "2020-07-17 18:00:00.000Z"
_ISO = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?(?![\d+-])")
# NukeViet writes the zone for the "T", in local time: "2020-07-17+0718:00:00", "2020-07-17ICT18:00:00".
_NUKEVIET = re.compile(r"^(\d{4}-\d\d-\d\d)(?:[A-Z]{2,4}|[+-]\d\d)(\d\d:\d\d):\d\d$")


def published(text: str) -> str | None:
    """The first possible date in the text: `2020-07-17`, or `2020-07-17T18:00` where a time stands with it.

    Local time; a time with a zone is moved to +07:00. Weekdays and words around it are passed over. None
    where there is no date, or none that can be: "31/02/2020", "12/30/2020".
    """
    return _stated(text, timed=True)


def published_on(text: str) -> str | None:
    """The day of `published`: `2020-07-17`, or None."""
    moment = _stated(text, timed=False)
    return moment[:10] if moment else None


def _stated(text: str, *, timed: bool) -> str | None:
    """The first possible date in the text; the time that stands with a day is sought only where it is wanted."""
    text = text.strip()
    if found := _NUKEVIET.match(text):
        return _stamp(found[1], found[2])
    for iso in _ISO.finditer(text):
        if moment := _local(iso[1], iso[2], iso[3]):
            return moment
    for found in _DAY.finditer(text):
        if day := _iso(int(found[4]), int(found[3]), int(found[1])):
            return _with_time(day, text, found.start(), found.end()) if timed else day
    for found in _WORDED.finditer(text):
        if day := _iso(int(found[3]), int(found[2]), int(found[1])):
            return _with_time(day, text, found.start(), found.end()) if timed else day
    return None


def _with_time(day: str, text: str, start: int, end: int) -> str:
    found = _TIME_AFTER.match(text, end) or _TIME_BEFORE.search(text, 0, start)
    if not found:
        return day
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").upper()
    if half in {"PM", "CH"} and hour < 12:
        hour += 12
    if half in {"AM", "SA"} and hour == 12:
        hour = 0
    return f"{day}T{hour:02}:{minute:02}" if hour < 24 and minute < 60 else day


def _iso(year: int, month: int, day: int) -> str | None:
    if year not in YEARS:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _stamp(day: str, clock: str) -> str | None:
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        return None
    return moment.isoformat(timespec="minutes") if moment.year in YEARS else None


def _local(day: str, clock: str | None, zone: str | None) -> str | None:
    if not clock:
        return _iso(*map(int, day.split("-")))
    stamp = _stamp(day, clock)
    if not stamp or not zone:
        return stamp
    try:
        moment = datetime.fromisoformat(stamp + zone).astimezone(LOCAL)
    except ValueError:  # a zone that cannot be, such as "+99:00"
        return stamp
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")
