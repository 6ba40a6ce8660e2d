"""Markup and plain text to blocks. Old encodings, Unicode and white space are levelled here, once, before offsets
exist."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, compress, islice, zip_longest

from charset_normalizer import from_bytes
from selectolax.lexbor import LexborHTMLParser, LexborNode
from w3lib.encoding import resolve_encoding

from pipeline.records import CELL_SEPARATOR, Block, BlockKind
from scrapers.legacy import AFTER_VNI_VOWEL, VNI_SIGNS, Encoding, expected_in, modern

# A wider table is markup gone wrong: the widest seen is an index with its ten pillars over two years.
MAX_COLUMNS = 64
# A caption is one or two sentences; a centred or italic text that is longer is a quotation or a lead.
MAX_CAPTION = 300
# A bold line that is longer is a paragraph in bold.
MAX_HEADING = 150

# A letter in TCVN3, invisible in all other text.
_SOFT_HYPHEN = "\u00ad"
# Zero-width space and joiners, direction marks, byte order mark, Word's private bullets, controls.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ue000-\uf8ff\ufffc\x00-\x08\x0e-\x1f\x7f]")
# A digit of another script, or of another width: "２０２０"
_ODD_DIGIT = re.compile(r"(?![0-9])\d")
# What Word left as text: "<_o3a_p>", "</o:p>", "<!--[if gte mso 9]-->"
_WORD_DEBRIS = re.compile(r"</?_?o(?::|_?3a_)p\s*/?>|<!(?:--)?\[(?:if[^\]]{0,80}|endif)\](?:--)?>", re.IGNORECASE)


def level(text: str, *, sure: Encoding | None = None, likely: Encoding | None = None) -> str:
    """The text on one line: in Unicode, NFC, single spaces, nothing invisible, no space at the ends, digits from 0 to 9.

    `sure` and `likely` are the old encodings that what is around it speaks for, as `legacy.modern` takes them.
    """
    if not (sure or likely) and is_plain(text):
        return _single_spaced(text)
    return _levelled(text, sure, likely)


def _levelled(text: str, sure: Encoding | None, likely: Encoding | None) -> str:
    """The same of any text, the long way."""
    if "<" in text:
        text = _WORD_DEBRIS.sub(" ", text)
    # All that is invisible is unprintable too, but for the sign of an embedded object.
    if not text.isprintable() or "\ufffc" in text:
        text = _INVISIBLE.sub("", text)
    text = modern(unicodedata.normalize("NFC", text), sure=sure, likely=likely)
    if _SOFT_HYPHEN in text:
        text = unicodedata.normalize("NFC", text.replace(_SOFT_HYPHEN, ""))
    return " ".join(_ODD_DIGIT.sub(_plain_digit, text).split())


def _plain_digit(found: re.Match[str]) -> str:
    return str(unicodedata.digit(found[0]))


def _single_spaced(text: str) -> str:
    """A plain text with single spaces and none at its ends; most have no others."""
    text = text.strip()
    if "  " in text or "\n" in text or "\u00a0" in text or "\t" in text or "\r" in text:
        return " ".join(text.split())
    return text


# Beside white space the signs of clean Vietnamese text, all NFC and none of an old encoding; "<" may begin debris.
# Those of VNI are left out, and are clean but after certain vowels: so one search does for both.
_UNPLAIN = re.compile(
    "[^ \\t\\n\\r\u00a0!-;=->?-~°²³·ÀÁÃÈÉÊÌÍÒÓÔÚÝàáãèéêìíòóôúýĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9\u2010-\u2022…]"
    f"(?:(?<![{VNI_SIGNS}])|{AFTER_VNI_VOWEL})"
)


def is_plain(text: str) -> bool:
    """Whether `level` changes nothing but white space in the text, and in each piece of it."""
    return not _UNPLAIN.search(text)


_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# "text/html; charset=windows-1258"
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# '<meta charset="utf-8">', '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
# Browsers look for the declaration in the first 1,024 bytes; pages of the older systems have it later.
_META_WITHIN = 4096


def decode(payload: bytes, content_type: str = "") -> str:
    """The payload as text: by its byte order mark, as UTF-8 where it is UTF-8, as Latin-1 where it is Vietnamese in
    an encoding of the fonts of before Unicode, else by the header, the page's own declaration, or a guess from the
    bytes.

    UTF-8 comes before what is declared: other text is hardly ever valid UTF-8, declarations are often wrong. Names
    of charsets are taken as browsers take them. Never raises: bytes that fit no charset become U+FFFD.
    """
    for mark, charset in _BOMS:
        if payload.startswith(mark):
            return payload[len(mark) :].decode(charset, errors="replace")
    if (text := _utf8(payload)) is not None:
        return text
    if _is_legacy(payload):
        return payload.decode("cp1252", errors="replace")
    declared = [*_HEADER_CHARSET.findall(content_type)]
    declared += [name.decode("ascii") for name in _META_CHARSET.findall(payload[:_META_WITHIN])]
    for name in declared:
        try:
            return payload.decode(resolve_encoding(name) or name)
        except (UnicodeDecodeError, LookupError):
            continue
    guess = from_bytes(payload).best()
    return str(guess) if guess else payload.decode("utf-8", errors="replace")


def parsed(payload: bytes, content_type: str = "") -> LexborHTMLParser:
    """The tree of the payload as `decode` reads it; what is UTF-8 goes to the parser as it is."""
    as_it_is = not payload.startswith(tuple(mark for mark, _ in _BOMS)) and _utf8(payload) is not None
    return LexborHTMLParser(payload if as_it_is else decode(payload, content_type))


def _utf8(payload: bytes) -> str | None:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return None


# "<p class=MsoNormal>", "&nbsp;"
_MARKUP = re.compile(r"<[^<>]*>|&#?\w{1,10};")


def _is_legacy(payload: bytes) -> bool:
    """Whether a page's bytes are Vietnamese in an encoding that only a font told from Latin-1.

    The page is not parsed for it, which takes long where elements are nested thousands deep.
    """
    return expected_in(_MARKUP.sub(" ", payload.decode("latin-1"))) is not None


def text_blocks(text: str, likely: Encoding | None = None) -> list[Block]:
    """The blocks of a plain text whose paragraphs are parted by blank lines.

    Within a paragraph a line that goes on in the next one is joined to it; other lines are blocks of their
    own. List items and captions are told by their form. `likely` is an old encoding that something near speaks for.
    """
    sure = expected_in(unicodedata.normalize("NFC", text))
    lines: list[str] = []
    for paragraph in re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n")):
        lines += _joined(level(line, sure=sure, likely=likely) for line in paragraph.split("\n"))
    return _without_doubles([Block(kind=_plain_kind(line), text=line) for line in lines])


_END_OF_SENTENCE = tuple(".!?;:…")
# "- Như trên", "+ Sở Y tế", "• 07 đơn vị", "1. Loại tốt", "2) Xã", "a) Xã", "I. Kết quả"
_ITEM = re.compile(r"(?:[-–—+*•▪●○◦⁃]\s*|\(?(?:\d{1,2}|[a-zđ]|[IVX]{1,4})[.)]\s+)(?=\S)")
# A line that begins with the value of the name before it: "(90,73 điểm), đứng cuối là …"
_VALUE_IN_BRACKETS = re.compile(r"\(\d[\d.,]* ?(?:điểm|%)")
# A line that ends in one of these words goes on: "do Sở Nội vụ và", "lần lượt về tay"
_OPEN_WORD = re.compile(
    r"(?:^|\s)(?:của|và|các|những|tại|do|ở|với|là|cho|từ|đến|thứ|theo|trong|về|ông|bà|đồng chí|năm|tháng|quý|số|khối|huyện|tỉnh|xã|sở|bộ|ubnd|tặng|trao|nhận|được|bằng)$", re.IGNORECASE
)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    parts: list[str] = []
    for line in lines:
        if parts and not (line and _continues(parts[-1], line)):
            yield " ".join(parts)
            parts = []
        if line:
            parts.append(line)
    if parts:
        yield " ".join(parts)


def _continues(line: str, following: str) -> bool:
    """Whether a line break between the two only wraps one sentence."""
    if _ITEM.match(following):
        return False
    if line.count("(") > line.count(")"):
        return True
    if line.endswith(_END_OF_SENTENCE):
        return False
    first = following.lstrip("“\"'‘(")[:1]
    if line.endswith(",") or first.islower() or _VALUE_IN_BRACKETS.match(following):
        return True
    if line.isupper() and following.isupper():  # a title in capitals over two lines
        return True
    if following[0].isdigit() and line[-1].isalnum():  # "so với năm", "2021 để lên hạng 18"
        return True
    return following[0].isalnum() and bool(_OPEN_WORD.search(line))


# "(Quang cảnh Hội nghị)"
_IN_BRACKETS = re.compile(r"\([^()]+(?:\([^()]*\)[^()]*)*\)[.]?")
# "Quang cảnh hội nghị. Ảnh: Thanh Lê", "Đại biểu dự hội nghị (Ảnh: X.Y)", "Ảnh minh họa"
_PHOTO_CREDIT = re.compile(r"(?:^|[.\s(])(?:ảnh|nguồn ảnh)\s*(?::|/|minh họa)[^:;]{0,60}$", re.IGNORECASE)


# No credit of a text with single spaces is longer.
_LONGEST_CREDIT = 80


def _is_bracketed(text: str) -> bool:
    return text.startswith("(") and _IN_BRACKETS.fullmatch(text) is not None


def _credits_photo(text: str) -> bool:
    # The word is looked for first: a search that ignores case is slow.
    return "ảnh" in text[-_LONGEST_CREDIT:].lower() and _PHOTO_CREDIT.search(text) is not None


def _plain_kind(line: str) -> BlockKind:
    if len(line) <= MAX_CAPTION and (_is_bracketed(line) or _credits_photo(line)):
        return "caption"
    return "item" if _ITEM.match(line) else "paragraph"


def _without_doubles(blocks: list[Block]) -> list[Block]:
    """The blocks without one that says again what its neighbour says: a line repeated to the letter, or a
    caption repeated with a word or two less."""
    kept: list[Block] = []
    last = None
    for block in blocks:
        found = _WORD.search(block.text)
        first = found[0].casefold() if found else None
        # Of other neighbours those that say the same begin alike.
        alike = kept and (first == last or "caption" in (block.kind, kept[-1].kind))
        if not alike or not _same(kept[-1], block):
            kept.append(block)
            last = first
        elif len(block.text) > len(kept[-1].text):
            kept[-1] = block
            last = first
    return kept


_WORD = re.compile(r"\w+")
# An image's alternative text and its caption differ by a name left out, hardly by more.
_WORDS_LEFT_OUT = 3
# The first word of the shorter of two such texts is one of so many first words of the longer.
_OPENING = _WORDS_LEFT_OUT + 1
# Nearly always these stand within so many characters.
_OPENING_CHARS = 40


def _same(a: Block, b: Block) -> bool:
    if a.kind in ("row", "item") or b.kind in ("row", "item"):
        return False
    if "caption" not in (a.kind, b.kind):
        return all(one == other for one, other in zip_longest(_each_word(a.text), _each_word(b.text)))
    first, second = _opening(a.text), _opening(b.text)
    if first != second and not (first and second and (first[0] in second or second[0] in first)):
        return False  # which is told without all the words of both
    short, long = sorted((_words(a.text), _words(b.text)), key=len)
    if short == long:
        return True
    if len(long) - len(short) > _WORDS_LEFT_OUT or len(short) < 4:
        return False
    if [word for word in short if word.isdigit()] != [word for word in long if word.isdigit()]:
        return False
    rest = iter(long)
    return all(word in rest for word in short)


def _opening(text: str) -> list[str]:
    words = _WORD.findall(text, 0, _OPENING_CHARS)
    if len(words) <= _OPENING:  # the last one may be cut
        return list(islice(_each_word(text), _OPENING))
    return list(map(str.casefold, words[:_OPENING]))


def _each_word(text: str) -> Iterator[str]:
    return (found[0].casefold() for found in _WORD.finditer(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


# What the parser calls text nodes and comments.
_TEXT = "-text"
_DROPPED = {
    "-comment", "audio", "button", "canvas", "embed", "form", "head", "iframe", "input", "link", "math", "meta", "nav",
    "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title", "video",
}  # fmt: skip
_BLOCK_LEVEL = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
    "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "ul",
}  # fmt: skip
_EMPHASIS = frozenset(["b", "strong", "i", "em"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# Elements that say something of their text by their name alone.
_STYLED = _EMPHASIS | _HEADINGS | {"figcaption", "caption", "li", "center"}
# "display: none", "mso-hide:all"
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_ALIGN = re.compile(r"text-align\s*:\s*(\w+)", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style\s*:\s*italic", re.IGNORECASE)
# Class names that say "caption" in the systems known: image_desc, imgalt, pCaption, article__caption
_CAPTION_CLASS = re.compile(r"(?:^|[\s_-])(?:p?caption|image_desc|imgalt)(?:$|[\s_-])", re.IGNORECASE)
# ".VnTime", ".VnArialH" (a font of capitals), "VNI-Times"
_OLD_FONT = re.compile(r"(?P<tcvn3>\.Vn[a-z ]*?(?P<capitals>H)?(?![a-z]))|\bVNI-[a-z]", re.IGNORECASE)
# "font-family: '.VnTime', serif"
_FONT_FAMILY = re.compile(r"font(?:-family)?\s*:([^;]*)", re.IGNORECASE)
_IMAGE_TABLE_CLASS = re.compile(r"(?:^|[\s_-])(?:image|img|picture|imgcenter)(?:$|[\s_-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class _Style:
    """What a piece of text inherits from the elements around it; told from others by identity, which is quick."""

    kind: BlockKind = "paragraph"
    bold: bool = False
    italic: bool = False
    centred: bool = False
    font: Encoding | None = None
    capitals: bool = False


_PLAIN = _Style()


# Editors repeat the same few attributes from paragraph to paragraph.
@functools.lru_cache(maxsize=4096)
def _style_within(
    around: _Style, tag: str, css: str, name: str, align: str, face: str | None, captions: bool
) -> _Style | None:
    """The style within an element of that tag and these attributes (`style`, `class`, `align`, `face`) in a place of
    the style `around`, None where nothing in it is shown; a layout may say that it holds `captions`."""
    if css and _HIDDEN.search(css):
        return None
    kind = _kind_within(tag, name)
    stated = _ALIGN.search(css)
    alignment = stated[1].lower() if stated else align.lower() or ("center" if tag == "center" else "")
    font = _old_font(face, css)
    return _Style(
        kind="caption" if captions or kind == "caption" else kind if around.kind == "paragraph" else around.kind,
        bold=around.bold or tag in {"b", "strong"} or bool(_BOLD.search(css)),
        italic=around.italic or tag in {"i", "em"} or bool(_ITALIC.search(css)),
        centred=alignment == "center" if alignment else around.centred,
        font=font[0] if font else around.font,
        capitals=font[1] if font else around.capitals,
    )


def _kind_within(tag: str, name: str) -> BlockKind:
    """What an element's tag and class say of the text in it: "paragraph" where they say nothing."""
    if tag in {"figcaption", "caption"} or (name and _CAPTION_CLASS.search(name)):
        return "caption"
    if tag in _HEADINGS:
        return "heading"
    return "item" if tag == "li" else "paragraph"


@dataclass(frozen=True, slots=True)
class Marks:
    """Nodes (by `mem_id`) that a layout says something about: `skipped` are left out with all they hold,
    `captions` are captions."""

    skipped: frozenset[int] = frozenset()
    captions: frozenset[int] = frozenset()


NO_MARKS = Marks()


def fragment_blocks(html: str) -> list[Block]:
    """The blocks of a body's markup. A first paragraph wholly in bold is the lead."""
    body = LexborHTMLParser(html).body
    if body is None:
        return []
    blocks = node_blocks(body)
    if blocks and blocks[0].kind == "heading" and _is_lead(blocks[0].text):
        blocks[0] = replace(blocks[0], kind="lead")
    return blocks


def _is_lead(text: str) -> bool:
    return text.endswith((".", "…", "./.")) or len(text) > MAX_HEADING


def node_blocks(node: LexborNode, marks: Marks = NO_MARKS, likely: Encoding | None = None) -> list[Block]:
    """The blocks of what a node holds, in document order; the tree is not changed.

    Image alternative texts are no text. A wholly bold line is a heading; what stands centred, italic or in
    brackets after an image is its caption. `likely` is an old encoding that the page speaks for.
    """
    return read_blocks(node, marks, written_in(node), likely)


def read_blocks(node: LexborNode, marks: Marks, writing: Writing, likely: Encoding | None = None) -> list[Block]:
    """The same of a node of which `written_in` is known already."""
    return _Reader(marks, writing, likely).read(node)


@dataclass(frozen=True, slots=True)
class Writing:
    """How the text of a node is written: its `encoding` where that is one of before Unicode, and whether each text
    node in it `is_plain`."""

    encoding: Encoding | None = None
    plain: bool = False


def written_in(node: LexborNode) -> Writing:
    """The encoding of before Unicode in which the text of a node is, but for a few words."""
    text = node.text(separator=" ")
    return Writing(plain=True) if is_plain(text) else Writing(expected_in(text))


def node_text(node: LexborNode, *, sure: Encoding | None = None, likely: Encoding | None = None) -> str:
    """The text of a node on one line, a space wherever an element breaks the line; `sure` and `likely` as
    `level` takes them."""
    parts: list[str] = []
    around: list[LexborNode] = []
    current = node.first_child if node.tag not in _DROPPED else None
    while current is not None or around:
        if current is None:
            current = around.pop()
            if current.tag in _BLOCK_LEVEL:
                parts.append(" ")
        elif (tag := current.tag) == _TEXT:
            parts.append(current.text_content or "")
        elif tag == "br":
            parts.append(" ")
        elif tag not in _DROPPED:
            if tag in _BLOCK_LEVEL:
                parts.append(" ")
            around.append(current)
            current = current.first_child
            continue
        current = current.next
    return level("".join(parts), sure=sure, likely=likely)


class _Line:
    """One line of text between line breaks: its parts, each with its style, and the old font that one of them has."""

    __slots__ = ("font", "parts", "styles")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.styles: list[_Style] = []
        self.font: Encoding | None = None

    def add(self, text: str, style: _Style) -> None:
        self.parts.append(_in_capitals(text) if style.capitals else text)
        self.styles.append(style)
        self.font = style.font or self.font

    def join(self, following: _Line) -> None:
        self.parts += [" ", *following.parts]
        self.styles += [_PLAIN, *following.styles]
        self.font = self.font or following.font

    def emphasis(self) -> tuple[bool, bool, bool]:
        """Whether the line is wholly bold, italic and centred, by its letters and digits."""
        style = self.styles[0]
        if len(self.styles) == 1 or all(other is style for other in self.styles):
            return style.bold, style.italic, style.centred
        return (
            self._wholly([style.bold for style in self.styles]),
            self._wholly([style.italic for style in self.styles]),
            self._wholly([style.centred for style in self.styles]),
        )

    def _wholly(self, marked: list[bool]) -> bool:
        """Whether the parts marked have nine in ten letters: a stray one outside is a slip of the editor."""
        if True not in marked:
            return False
        within = sum(sum(map(str.isalnum, part)) for part in compress(self.parts, marked))
        others = chain.from_iterable(part for part, inside in zip(self.parts, marked, strict=True) if not inside)
        # So many are too many, however many more there are: a paragraph is not counted for its first word in bold.
        outside = sum(1 for _ in islice(filter(str.isalnum, others), within // 9 + 2))
        return within >= (within + outside) * 0.9


def _in_capitals(text: str) -> str:
    """A text as its font of capitals shows it; modern text, which has kept an old font, as it is."""
    shown = modern(text, likely="tcvn3")
    return text if shown == text else shown.upper()


class _Reader:
    """Walks a subtree once, without recursion: pages nest deeper than Python's stack."""

    def __init__(self, marks: Marks, writing: Writing, likely: Encoding | None) -> None:
        self.marks = marks
        self.sure, self.likely = writing.encoding, likely
        self.plain = writing.plain and likely is None
        self.blocks: list[Block] = []
        self.lines = [_Line()]
        self.kind: BlockKind = "paragraph"
        self.after_image = False
        self.tables = 0

    def read(self, root: LexborNode) -> list[Block]:
        skipped = self.marks.skipped
        around: list[tuple[LexborNode, _Style, bool]] = []
        node, style = root.first_child, _PLAIN
        while node is not None or around:
            if node is None:
                node, style, breaks = around.pop()
                if breaks:
                    self._end()
            elif (tag := node.tag or "") == _TEXT:
                text = node.text_content or ""
                line = self.lines[-1]
                if line.parts or (text and not text.isspace()):
                    self.kind = style.kind
                    line.add(text, style)
            elif tag not in _DROPPED and not (skipped and node.mem_id in skipped):
                inner = self._entered(node, tag, style)
                if inner is not None:
                    around.append((node, style, tag in _BLOCK_LEVEL))
                    node, style = node.first_child, inner
                    continue
            node = node.next
        self._end()
        return _without_doubles(self.blocks)

    def _entered(self, node: LexborNode, tag: str, style: _Style) -> _Style | None:
        """The style of what is in an element, None where nothing of it is to be read, or nothing more."""
        attributes = node.attributes
        captions = bool(self.marks.captions) and node.mem_id in self.marks.captions
        inner: _Style | None = style
        if attributes or captions or tag in _STYLED:
            if "hidden" in attributes:
                return None
            get = attributes.get
            inner = _style_within(
                style, tag, get("style") or "", get("class") or "", get("align") or "", get("face"), captions
            )
        if inner is None:
            return None
        if tag == "br":
            self.lines.append(_Line())
            return None
        if tag == "img":
            self._end()
            self.after_image = True
            return None
        if tag in _BLOCK_LEVEL:
            self._end()
            if tag == "table":
                if rows := data_rows(node, self.sure):
                    self._table(node, rows)
                    return None
                if _IMAGE_TABLE_CLASS.search(attributes.get("class") or ""):
                    return replace(inner, kind="caption")
        return inner

    def _end(self) -> None:
        """Ends the running text: its lines become blocks."""
        lines = self.lines
        if len(lines) == 1 and not lines[0].parts:
            return
        self.lines = [_Line()]
        for line, text in _joined_lines(lines, self._level):
            if not (text[:1].isalnum() or any(map(str.isalnum, text))):
                continue
            kind = self._kind(text, line)
            self.after_image = self.after_image and kind == "caption"
            self.blocks.append(Block(kind, text))

    def _level(self, line: _Line) -> str:
        text = "".join(line.parts)
        if self.plain and line.font is None and not _may_pair(line.parts):
            return _single_spaced(text)
        return level(text, sure=self.sure, likely=line.font or self.likely)

    def _kind(self, text: str, line: _Line) -> BlockKind:
        if self.kind in ("caption", "heading", "item"):
            return self.kind
        bold, italic, centred = line.emphasis()
        if len(text) <= MAX_CAPTION:
            placed = self.after_image or italic or centred
            if (self.after_image and (italic or centred)) or _credits_photo(text):
                return "caption"
            whole = len(text) <= MAX_HEADING and not text.endswith((".)", "."))
            if (placed or whole) and _is_bracketed(text):
                return "caption"
        if bold and (len(text) <= MAX_HEADING or not self.blocks):
            return "heading"
        return "item" if _ITEM.match(text) else "paragraph"

    def _table(self, node: LexborNode, rows: list[Row]) -> None:
        self.after_image = False
        caption = next((child for child in _children(node) if child.tag == "caption"), None)
        if caption is not None and (text := node_text(caption, sure=self.sure)):
            self.blocks.append(Block(kind="caption", text=text))
        for row in rows:
            text = CELL_SEPARATOR.join(row.cells)
            self.blocks.append(Block(kind="row", text=text, cells=row.cells, table=self.tables, header=row.header))
        self.tables += 1


def _may_pair(parts: list[str]) -> bool:
    """Whether plain parts may make a sign of VNI where they meet."""
    return len(parts) > 1 and any(part.startswith(_VNI_BEGINS) for part in parts)


_VNI_BEGINS = tuple(VNI_SIGNS)


def _joined_lines(lines: list[_Line], levelled: Callable[[_Line], str]) -> Iterable[tuple[_Line, str]]:
    """The lines, those that go on in the next one joined to it, and the text of each."""
    if len(lines) == 1:
        return ((lines[0], levelled(lines[0])),)
    return _rejoined(lines, levelled)


def _rejoined(lines: list[_Line], levelled: Callable[[_Line], str]) -> Iterator[tuple[_Line, str]]:
    texts = [levelled(line) for line in lines]
    first = 0
    for last, text in enumerate(texts):
        following = texts[last + 1] if last + 1 < len(texts) else ""
        if text and following and _continues(text, following):
            continue
        if first == last:
            yield lines[last], text
        else:
            joined = lines[first]
            for line in lines[first + 1 : last + 1]:
                joined.join(line)
            yield joined, levelled(joined)
        first = last + 1


def _old_font(face: str | None, css: str) -> tuple[Encoding | None, bool] | None:
    """The encoding of a stated font of before Unicode, if it is one, and whether it has only capitals; None where no
    font is stated."""
    family = _FONT_FAMILY.search(css) if css else None
    stated = family[1] if family else face
    if not stated:
        return None
    found = _OLD_FONT.search(stated)
    if not found:
        return None, False
    return ("tcvn3" if found["tcvn3"] else "vni"), bool(found["capitals"])


def _children(node: LexborNode) -> list[LexborNode]:
    return list(node.iter(include_text=True))


@dataclass(frozen=True, slots=True)
class Row:
    """A table row with merged cells expanded; `header` where the markup says that it names the columns."""

    cells: tuple[str, ...]
    header: bool


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    head: bool
    emphasised: bool
    columns: int
    rows: int


def data_rows(table: LexborNode, sure: Encoding | None = None) -> list[Row]:
    """The rows of a data table, all of one length, without rows that are wholly empty.

    Cells are text, never numbers; a merged cell stands in each place that it covers. Empty for a table that
    only lays out the page: one with a table inside, one column, or an image with its caption. `sure` is the old
    encoding of what is around it.
    """
    if _holds_table(table):
        return []
    rows = _rows_of(table)
    nodes = [[cell for cell in row.nodes if cell.tag in ("td", "th")] for row in rows]
    if all(_is_single(row) for row in nodes):
        return []  # a frame: told before what may be a whole article is read as a cell
    cells = [[_cell(cell, sure) for cell in row] for row in nodes]
    grid = _expanded(cells, [row.last for row in rows])
    if not grid or len(grid[0]) < 2:
        return []
    if table.css_first("img") is not None and sum(any(cell.text for cell in row) for row in grid) < 3:
        return []
    headers = _headers(cells, [row.head for row in rows])
    return [
        Row(tuple(cell.text for cell in row), header)
        for row, header in zip(grid, headers, strict=True)
        if any(cell.text for cell in row)
    ]


def _holds_table(table: LexborNode) -> bool:
    """Whether there is a table inside; ends at the first, since tables may be nested thousands deep."""
    stack = _children(table)
    while stack:
        node = stack.pop()
        if node.tag == "table":
            return True
        stack += node.iter()
    return False


@dataclass(frozen=True, slots=True)
class _MarkedRow:
    """A row as marked: its children, whether it is in the table's head, and the number of the row after the part
    of the table (head, body, foot) that it is in: no merged cell reaches beyond."""

    nodes: list[LexborNode]
    head: bool
    last: int


def _rows_of(table: LexborNode) -> list[_MarkedRow]:
    """The rows of this table, not of one inside it."""
    rows: list[_MarkedRow] = []
    for part in _children(table):
        if part.tag in ("thead", "tbody", "tfoot"):
            within = [row for row in _children(part) if row.tag == "tr"]
            last = len(rows) + len(within)
            rows += [_MarkedRow(_children(row), part.tag == "thead", last) for row in within]
    return rows


def _cell(node: LexborNode, sure: Encoding | None) -> _Cell:
    letters, emphasised = _letters(node)
    return _Cell(
        text=node_text(node, sure=sure),
        head=node.tag == "th",
        emphasised=bool(letters) and emphasised == letters,
        columns=min(_span(node, "colspan"), MAX_COLUMNS),
        rows=_span(node, "rowspan"),
    )


def _is_single(row: list[LexborNode]) -> bool:
    """Whether a row is one cell that covers one place."""
    return not row or (len(row) == 1 and _span(row[0], "colspan") == _span(row[0], "rowspan") == 1)


def _letters(node: LexborNode) -> tuple[int, int]:
    """How many letters and digits there are in a node, and how many of them in bold or italics."""
    letters = emphasised = 0
    stack = [(node, False)]
    while stack:
        current, strong = stack.pop()
        tag = current.tag
        if tag == _TEXT:
            found = sum(map(str.isalnum, current.text_content or ""))
            letters += found
            emphasised += found * strong
        elif tag not in _DROPPED:
            strong = strong or tag in _EMPHASIS
            stack += [(child, strong) for child in _children(current)]
    return letters, emphasised


def _span(node: LexborNode, name: str) -> int:
    """The span, 1 where it is missing or no number; 0 (to the end of the table) only for rows."""
    digits = re.match(r"\s*\d{1,4}", node.attributes.get(name) or "")
    span = int(digits[0]) if digits else 1
    return span if name == "rowspan" else max(span, 1)


_EMPTY = _Cell("", head=False, emphasised=False, columns=1, rows=1)


# So many places may merged cells cover in a table: a hundred columns of a thousand rows.
_MAX_PLACES = 100_000


def _expanded(rows: list[list[_Cell]], lasts: list[int]) -> list[list[_Cell]]:
    """The grid that the rows make: as a browser lays it out, short rows filled up with empty cells."""
    grid: list[dict[int, _Cell]] = [{} for _ in rows]
    places = 0
    for top, (row, last) in enumerate(zip(rows, lasts, strict=True)):
        column = 0
        for cell in row:
            while column in grid[top]:
                column += 1
            bottom = min(top + cell.rows, last) if cell.rows else last
            places += (bottom - top) * cell.columns
            if places > _MAX_PLACES:
                bottom = top + 1
            for line in grid[top:bottom]:
                for place in range(column, min(column + cell.columns, MAX_COLUMNS)):
                    line.setdefault(place, cell)
            column += cell.columns
    width = max((max(line, default=-1) for line in grid), default=-1) + 1
    return [[line.get(place, _EMPTY) for place in range(width)] for line in grid]


def _headers(rows: list[list[_Cell]], in_head: list[bool]) -> list[bool]:
    """Whether each row names the columns: it is in the head, its cells are all `th`, or, where no row is so
    marked, it is one of the first rows and they alone are wholly emphasised."""
    headers = [
        head or (bool(said) and all(cell.head for cell in said))
        for head, said in zip(in_head, ([cell for cell in row if cell.text] for row in rows), strict=True)
    ]
    if any(headers):
        return headers
    emphasised = [bool(row) and all(cell.emphasised for cell in row if cell.text) for row in rows]
    first = next((number for number, strong in enumerate(emphasised) if not strong), len(rows))
    if first == len(rows):
        return headers
    return [number < first for number in range(len(rows))]
