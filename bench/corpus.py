"""The benchmark's corpus: pages of 40 to 120 KB in the markup of the five sample sites, the same for the same number.

Each page has a text of its own, made of `phrases`, in its site's template (`pipeline/sample`), and around it as much
menu, list, style and script as a page of its size has. One page in five tells facts.
"""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bench import phrases
from pipeline.archive import ArchiveWriter
from pipeline.sample_server import weekday
from scrapers.fetch import Response

SEED = 1909
# One page in so many tells facts.
FACTS_EVERY = 5
# Bytes of a page; the pages of the five sites have 40 to 120 kB.
SMALLEST, LARGEST = 40_000, 120_000
# Sentences of an article: a brief has a dozen, a report sixty; the facts among them.
SENTENCES, FACT_SENTENCES = (10, 54), (3, 8)
# Clauses of a sentence, by weight: 36 syllables in the mean and a tail of long ones, as in real articles.
CLAUSES = {1: 72, 2: 22, 3: 6}
# One sentence in so many has words of the facts without a fact, as "điểm trường".
NEAR_EVERY = 8
# The form of an article's address on each site.
ADDRESSES = {
    "baobaclieu": "https://www.baobaclieu.vn/chinh-tri/{slug}-{number}.html",
    "baolongan": "https://baolongan.vn/{slug}-a{number}.html",
    "baonghean": "https://baonghean.vn/{slug}-{number}.html",
    "songoaivu-tayninh": "https://songoaivu.tayninh.gov.vn/tin-tuc/{slug}-{number}.html",
    "sonoivu-soctrang": "http://sonv.soctrang.gov.vn/wps/portal/sonv/tintuc?WCM_GLOBAL_CONTEXT=/wps/wcm/connect/sonv/{slug}-{number}",
}
SITES = tuple(ADDRESSES)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: whose it is, where it stood, its bytes, and whether facts were put in it."""

    source: str
    url: str
    html: bytes
    with_facts: bool


def pages(count: int, sites: Sequence[str] = SITES) -> Iterator[Page]:
    """Of the first pages of the corpus, in which the sites come in turn, those of some sites."""
    templates = {site: _template(site) for site in sites}
    for number in range(count):
        site = SITES[number % len(SITES)]
        if site not in sites:
            continue
        # Of each five pages in a row another one, so that each site has its share.
        with_facts = (number // len(SITES) + number) % FACTS_EVERY == 0
        yield _page(site, number, with_facts, templates[site])


def write(corpus: Path, count: int) -> None:
    """The corpus as an archive, one file a source. Raises ArchiveError where it is there already."""
    for source in SITES:
        with ArchiveWriter(corpus, source, "20210105T000000Z-bench", at_once=False) as writer:
            for page in pages(count, [source]):
                writer.add(_response(page))


def _response(page: Page) -> Response:
    return Response(
        url=page.url, asked=page.url, status=200, reason="OK", version="HTTP/1.1",
        headers=(("Content-Type", "text/html; charset=utf-8"),), raw=page.html, body=page.html,
        fetched_at="2021-01-05T00:00:00Z", ip="127.0.0.1", request_headers=(),
    )  # fmt: skip


def _template(site: str) -> Template:
    folder = Path(str(resources.files("pipeline") / "sample")) / site
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["weekday"] = weekday
    return environment.get_template("article.html")


def _page(site: str, number: int, with_facts: bool, template: Template) -> Page:
    chance = random.Random(f"{SEED} {number}")
    writer = _Writer(chance)
    kind = chance.choice(_KINDS) if with_facts else None
    title = writer.title(kind)
    address = ADDRESSES[site].format(slug=_slug(title), number=100_000 + number)
    path = address.split("/", 3)[3]
    article = {
        "url": f"/{path}", "title": title, "published": writer.moment, "author": writer.name(), "category": "thoi-su",
        "image": f"/uploads/{number}.jpg", "lead": writer.sentence(), "body": writer.body(kind),
        "image_caption": writer.sentence(),
    }  # fmt: skip
    listed = [writer.listed() for _ in range(6)]
    html = template.render(site={"name": "Trang thử"}, article=article, articles=listed, others=listed)
    return Page(site, address, _filled(html, chance, writer).encode(), with_facts)


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFD", title.lower().replace("đ", "d"))
    letters = "".join(char if char.isascii() and char.isalnum() else " " for char in plain if char.isascii())
    return "-".join(letters.split()[:9])


# --- the article -----------------------------------------------------------------------------------------------------

_Kind = tuple[tuple[str, ...], tuple[str, ...]]
_KINDS: tuple[_Kind, ...] = (
    (phrases.RANKED_TITLES, phrases.RANKED),
    (phrases.RANKED_TITLES, phrases.RANKED),
    (phrases.STAFF_TITLES, phrases.STAFF),
    (phrases.AWARDED_TITLES, phrases.AWARDED),
)
_HEADLINE = "{who} {does} {what} {where}"
_PLAIN = "{when}, {who} {does} {what} {where} {why}"


class _Writer:
    """Writes one article; what it writes depends on its source of chance alone."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.moment = dt.datetime(2019, 1, 1) + dt.timedelta(minutes=chance.randrange(2 * 365 * 24 * 60))

    def name(self) -> str:
        return " ".join(self.chance.choice(part) for part in (phrases.SURNAMES, phrases.MIDDLES, phrases.GIVEN))

    def place(self) -> str:
        return f"{self.chance.choice(phrases.PLACES_A)} {self.chance.choice(phrases.PLACES_B)}"

    def title(self, kind: _Kind | None) -> str:
        if kind:
            return self._stated(self.chance.choice(kind[0]))
        return self._filled(_HEADLINE)[:90]

    def listed(self) -> dict[str, Any]:
        title = self.title(None)
        return {"url": f"/{_slug(title)}-{self.chance.randrange(9999)}.html", "title": title, "published": self.moment}

    def sentence(self) -> str:
        near = self.chance.randrange(NEAR_EVERY) == 0
        count = self.chance.choices(list(CLAUSES), list(CLAUSES.values()))[0]
        clauses = [self._filled(self.chance.choice(phrases.NEAR) if near else _PLAIN)]
        for _ in range(count - 1):
            clause = self._filled(_PLAIN)
            clauses.append(clause[0].lower() + clause[1:])
        text = self.chance.choice(phrases.JOINTS).join(clauses) + "."
        return text[0].upper() + text[1:]

    def body(self, kind: _Kind | None) -> str:
        sentences = [self.sentence() for _ in range(self.chance.randint(*SENTENCES))]
        if kind:
            # Facts stand together, as a report tells its results in a passage of its own.
            at = self.chance.randrange(max(len(sentences) // 2, 1))
            sentences[at:at] = [self._stated(self.chance.choice(kind[1])) for _ in range(self.chance.randint(*FACT_SENTENCES))]
        paragraphs = []
        while sentences:
            size = self.chance.randint(1, 4)
            paragraphs.append(" ".join(sentences[:size]))
            del sentences[:size]
        table = self._table() if kind and kind[1] is phrases.RANKED and self.chance.random() < 0.3 else ""
        return "\n".join(map(self._marked, paragraphs)) + table

    def _marked(self, paragraph: str) -> str:
        style = self.chance.choice((' style="text-align: justify;"', "", ' class="MsoNormal" style="margin-bottom: 6pt;"'))
        form = self.chance.randrange(8)
        if form == 0:
            return f'<p{style}><img src="/uploads/{self.chance.randrange(10**6)}.jpg" alt="{self.place()}" /></p><p style="text-align: center;"><em>{self.sentence()} Ảnh: {self.name()}</em></p><p{style}>{paragraph}</p>'
        if form == 1:
            first, _, rest = paragraph.partition(" ")
            return f'<p{style}><strong>{first}</strong> <span style="font-size: 14px;">{rest}</span></p>'
        if form == 2:
            return f'<p{style}><span style="font-family: arial, helvetica, sans-serif; font-size: 12pt;">{paragraph}</span></p>'
        return f"<p{style}>{paragraph}</p>"

    def _table(self) -> str:
        rows = "".join(
            f"<tr><td>{rank}</td><td>Sở {field}</td><td>{self.chance.randint(6000, 9900) / 100:.2f}</td></tr>".replace(".", ",")
            for rank, field in enumerate(self.chance.sample(phrases.FIELDS, 8), start=1)
        )
        return f"<p>Kết quả Chỉ số cải cách hành chính năm {self.moment.year - 1} của các sở:</p><table><thead><tr><th>Thứ hạng</th><th>Đơn vị</th><th>Điểm</th></tr></thead><tbody>{rows}</tbody></table>"

    def _filled(self, pattern: str) -> str:
        """The pattern with phrases in its places, and those with names and numbers in theirs."""
        choose = self.chance.choice
        outer = {
            "when": choose(phrases.WHEN), "who": choose(phrases.WHO), "does": choose(phrases.DOES),
            "what": choose(phrases.WHAT), "where": choose(phrases.WHERE), "why": choose(phrases.WHY),
        }  # fmt: skip
        text = pattern.format_map({**_SAME, **outer})
        while "{" in text:  # each place its own name or number
            head, _, rest = text.partition("{")
            key, _, tail = rest.partition("}")
            text = head + self._word(key) + tail
        return text

    def _word(self, key: str) -> str:
        if key == "name":
            return self.name()
        if key == "place":
            return self.place()
        if key == "n":
            return str(self.chance.randint(12, 980))
        return self.chance.choice(phrases.CROPS if key == "crop" else phrases.BEASTS)

    def _stated(self, pattern: str) -> str:
        chance, year = self.chance, self.moment.year - 1
        few = chance.randint(2, 9)
        field, field2 = chance.sample(phrases.FIELDS, 2)
        district, district2 = chance.sample(phrases.DISTRICTS, 2)
        text = pattern.format(
            province=chance.choice(phrases.PROVINCES), field=field, field2=field2, district=district, district2=district2,
            rank=chance.randint(2, 63), move=chance.randint(1, 15), few=few, many=few + chance.randint(5, 40),
            score=f"{chance.randint(6000, 9500) / 100:.2f}".replace(".", ","),
            low=f"{chance.randint(3500, 4900) / 100:.2f}".replace(".", ","),
            percent=chance.randint(80, 95), n=chance.randint(40, 900), name=self.name(), year=year, before=year - 1,
            after=self.moment.year,
        )  # fmt: skip
        return text[0].upper() + text[1:]


_SAME = {key: "{" + key + "}" for key in ("name", "place", "n", "crop", "beast")}


# --- around the article ----------------------------------------------------------------------------------------------


def _filled(html: str, chance: random.Random, writer: _Writer) -> str:
    """The page with menus, lists, styles and scripts before and after its content, up to a size of chance."""
    missing = chance.randint(SMALLEST, LARGEST) - len(html.encode())
    before: list[str] = []
    after: list[str] = []
    pieces = (_script, _style, _menu, _list, _list, _cards)
    while missing > 0:
        piece = chance.choice(pieces)(chance, writer)
        (before if chance.random() < 0.4 else after).append(piece)
        missing -= len(piece.encode())
    opening = html.index(">", html.index("<body")) + 1
    closing = html.rindex("</body>")
    return "".join((html[:opening], *before, html[opening:closing], *after, html[closing:]))


def _classes(chance: random.Random) -> str:
    return " ".join(f"{chance.choice(phrases.CLASSES)}-{chance.randrange(99)}" for _ in range(chance.randint(1, 3)))


def _script(chance: random.Random, _writer: _Writer) -> str:
    lines = (
        f'var v{chance.randrange(9999)}={{"id":{chance.randrange(10**6)},"url":"/api/{chance.randrange(10**4)}","on":function(e){{return e.x<{chance.randrange(99)}}}}};'
        for _ in range(chance.randint(8, 40))
    )
    return f"<script>{''.join(lines)}</script>\n"


def _style(chance: random.Random, _writer: _Writer) -> str:
    rules = (f".{_classes(chance).replace(' ', ' .')}{{margin:{chance.randrange(9)}px;color:#{chance.randrange(4096):03x}}}" for _ in range(chance.randint(8, 30)))
    return f"<style>{''.join(rules)}</style>\n"


def _menu(chance: random.Random, _writer: _Writer) -> str:
    items = "".join(
        f'<li class="{_classes(chance)}"><a href="/{_slug(word)}/" title="{word}">{word}</a></li>\n'
        for word in chance.sample(phrases.MENU, chance.randint(6, 18))
    )
    return f'<div class="{_classes(chance)}"><ul class="{_classes(chance)}">\n{items}</ul></div>\n'


def _list(chance: random.Random, writer: _Writer) -> str:
    items = "".join(
        f'<li class="{_classes(chance)}"><a href="{one["url"]}" title="{one["title"]}">{one["title"]}</a> <span class="time">{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/2020</span></li>\n'
        for one in (writer.listed() for _ in range(chance.randint(3, 9)))
    )
    return f'<div class="{_classes(chance)}"><h3>{chance.choice(phrases.MENU)}</h3><ul>\n{items}</ul></div>\n'


def _cards(chance: random.Random, writer: _Writer) -> str:
    cards = "".join(
        f'<div class="{_classes(chance)}" data-id="{chance.randrange(10**6)}"><a href="/{chance.randrange(10**6)}"><img data-src="/thumb/{chance.randrange(10**8)}.jpg" width="300" height="200" alt=""></a><h4>{writer.title(None)}</h4></div>\n'
        for _ in range(chance.randint(2, 6))
    )
    return f'<div class="{_classes(chance)}">\n{cards}</div>\n'
