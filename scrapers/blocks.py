"""Block pages: what a site answers in place of a page when it takes us for a robot, whatever the status."""

from __future__ import annotations

import re
from typing import Literal

Block = Literal["flood", "interstitial", "captcha", "waf"]

# An article page of the known systems has at least 40 kB, the interstitial seen has 177 bytes.
_INTERSTITIAL_BYTES = 600
# Articles carry captchas too, in their comment forms; a page that is nothing but a captcha says little else.
_SMALL_BYTES = 12_000
_CAPTCHA_TEXT = 800
_HEAD_BYTES = 65_536

# NukeViet: <div class="floodblocker">; its #secField alone says nothing, every page has one
_FLOOD = re.compile(rb"<div[^>]*\bclass=[\"'][^\"']*\bfloodblocker\b")
# <title>Hãy đợi...</title>
_FLOOD_TITLE = re.compile("<title>\\s*Hãy đợi\\s*(?:\\.\\.\\.|…)".encode())
# document.cookie="D1N=0123..."; ... window.location.reload(true)
_SETS_COOKIE = re.compile(rb"document\.cookie\s*=")
_RELOADS = re.compile(rb"location\.reload\s*\(|location(?:\.href)?\s*=")
# <title>Just a moment...</title>, <title>Attention Required! | Cloudflare</title>, <title>CAPTCHA</title>,
# <title>Xác minh bạn không phải là robot</title>
_CHALLENGE_TITLE = re.compile(
    rb"<title>[^<]*(?:captcha|just a moment|attention required|are you (?:a )?(?:human|robot)|security check|"
    + "kh(?:ô|&ocirc;)ng phải (?:là )?(?:robot|người máy)".encode()
    + rb")",
    re.IGNORECASE,
)
# <div class="g-recaptcha" ...>, <script src="https://hcaptcha.com/1/api.js">, <input name="captcha">
_CAPTCHA = re.compile(rb"g-recaptcha|recaptcha/api|hcaptcha|cf-turnstile|name=[\"']?captcha", re.IGNORECASE)
# Access Denied.. blocked by our security system; Request blocked by the web application firewall; The requested URL
# was rejected ... Your support ID is: 123; Request unsuccessful. Incapsula incident ID: 1-2
_WAF = re.compile(
    rb"security system|web application firewall|access denied|request (?:is |was |has been )?blocked|incident id"
    rb"|requested url was rejected|your support id",
    re.IGNORECASE,
)
# <script>...</script>, <style>...</style>, <p>
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_WAF_STATUS = {403, 406, 503}
# A firewall's refusal with a status of success says little else; an article that speaks of one says more.
_WAF_TEXT = 400


def block_kind(status: int, body: bytes) -> Block | None:
    """The kind of block page that this is, or None: `flood` (NukeViet's rate limit), `interstitial` (a script
    that sets a cookie and loads again), `captcha`, `waf` (a firewall's refusal)."""
    head = body[:_HEAD_BYTES]
    titles = _titles(head)
    if (b"floodblocker" in head and _FLOOD.search(head)) or any(_FLOOD_TITLE.match(head, at) for at in titles):
        return "flood"
    if len(body) < _INTERSTITIAL_BYTES and _SETS_COOKIE.search(body) and _RELOADS.search(body):
        return "interstitial"
    if any(_CHALLENGE_TITLE.match(head, at) for at in titles) or _is_bare_captcha(body):
        return "captcha"
    if (status in _WAF_STATUS or _says_little(body, _WAF_TEXT)) and _WAF.search(head):
        return "waf"
    return None


# A pattern that ignores case takes ten times as long.
_TITLE = re.compile(rb"<[tT][iI][tT][lL][eE]>")


def _titles(head: bytes) -> list[int]:
    """Where titles begin."""
    return [found.start() for found in _TITLE.finditer(head)]


def _is_bare_captcha(body: bytes) -> bool:
    return _says_little(body, _CAPTCHA_TEXT) and bool(_CAPTCHA.search(body))


def _says_little(body: bytes, text: int) -> bool:
    return len(body) < _SMALL_BYTES and len(b" ".join(_MARKUP.sub(b" ", body).split())) < text
