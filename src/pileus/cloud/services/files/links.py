"""What a shared link opens in a browser without an account: a page of plain HTML, and the bytes.

No script runs there, and nothing on it comes from elsewhere. Of a link with a password nothing is told before
it is given: no name, no size. The right password gives the page's own links a key that holds for an hour.
"""

from __future__ import annotations

import hmac
from html import escape
from typing import Any
from urllib.parse import parse_qs, quote

from blake3 import blake3
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, read_limited
from pileus.cloud.services.files import contents, rules, shares
from pileus.cloud.services.files.shares import Share
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Forbidden, NotFound, PileusError, Throttled

KEY_MS = 3600_000
TEXTS = Catalogue(
    en={
        "title": "Shared file",
        "download": "Download",
        "password": "Password",
        "open": "Open",
        "ask": "This was shared with a password.",
        "wrong": "The password is not right.",
        "wait": "Too many wrong passwords. Wait a while, then try again.",
        "gone": "This link leads nowhere: it was ended, has expired, or was never there.",
        "empty": "The folder is empty.",
        "more": "Only the first {count} are shown.",
    },
    zh={
        "title": "共享的文件",
        "download": "下载",
        "password": "密码",
        "open": "打开",
        "ask": "查看共享内容需要密码。",
        "wrong": "密码不正确。",
        "wait": "密码错误次数过多，请稍后再试。",
        "gone": "此链接已失效：共享已结束、已过期或从未存在。",
        "empty": "文件夹是空的。",
        "more": "仅显示前 {count} 项。",
    },
)
STYLE = """
:root{color-scheme:light dark;--s:#f6f8fb;--c:#fff;--i:#10151c;--q:#566171;--a:#1f66d6}
@media(prefers-color-scheme:dark){:root{--s:#0c1016;--c:#161b23;--i:#e8edf4;--q:#9aa5b4;--a:#7fb0ff}}
*{box-sizing:border-box}body{margin:0;background:var(--s);color:var(--i);font:16px/1.4 system-ui,sans-serif}
main{max-width:560px;margin:0 auto;padding:48px 20px}h1{font:600 28px/1.2 system-ui,sans-serif;margin:0 0 20px;
overflow-wrap:anywhere}
ul{list-style:none;margin:0;padding:0;background:var(--c);border-radius:20px;overflow:hidden}
li+li{border-top:1px solid var(--s)}
li a{display:flex;gap:12px;justify-content:space-between;padding:20px 16px;
color:var(--i);text-decoration:none;overflow-wrap:anywhere}li span{color:var(--q);white-space:nowrap}
.b,button{display:inline-block;border:0;
border-radius:12px;padding:14px 20px;font:600 16px/1.2 system-ui,sans-serif;
background:var(--a);color:var(--s);text-decoration:none;cursor:pointer}p{color:var(--q)}
input{font:inherit;padding:12px;border-radius:12px;border:1px solid var(--q);background:var(--c);color:var(--i);
width:100%;margin:4px 0 16px}label{display:block}
"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    # A form's request would say Origin: null with no-referrer, and be refused as a stranger's.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


class Links:
    """The handlers; all are public, and the token in the address is the right to ask."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    def operations(self) -> list[Operation]:
        page = "/files/links/{token}"
        return [
            Operation("GET", page, self.page, "A link's page", public=True, pages=True),
            Operation("POST", page, self.enter, "Open a link by its password", public=True, pages=True),
            Operation("GET", f"{page}/{{file}}", self.folder, "A folder's page", public=True, pages=True),
            Operation(
                "GET",
                f"{page}/{{file}}/content",
                self.content,
                "A file behind a link; Range is served",
                public=True,
            ),
        ]

    async def page(self, request: Request, _caller: Caller) -> Response:
        return await self._shown(request, None, request.query_params.get("key", ""))

    async def folder(self, request: Request, _caller: Caller) -> Response:
        return await self._shown(request, request.path_params["file"], request.query_params.get("key", ""))

    async def enter(self, request: Request, _caller: Caller) -> Response:
        language, now = language_of(request), self._ctx.clock.now_ms()
        try:
            share = await self._share(request)
            if share.password_hash is None:
                return await self._shown(request, None, "")
            form = parse_qs((await read_limited(request, 16 * 1024)).decode(errors="replace"), max_num_fields=8)
            await self._ctx.db.write_async(lambda conn: shares.try_password(conn, share.id, now))
            if not await self._ctx.passwords.matches(share.password_hash, form.get("password", [""])[0]):
                return ask(language, "wrong", 403)
            await self._ctx.db.write_async(lambda conn: shares.password_was_right(conn, share.id))
            return await self._shown(request, None, key_of(share, now + KEY_MS))
        except Throttled:
            return ask(language, "wait", 429)
        except PileusError as error:
            return gone(language, error)

    async def content(self, request: Request, _caller: Caller) -> Response:
        """Raises `NotFound`, or `Forbidden` where the password's key is missing or over."""
        share = await self._share(request)
        self._check_key(share, request.query_params.get("key", ""))
        file = request.path_params["file"]
        fields = await self._ctx.db.read_async(lambda conn: shares.reach(conn, self._ctx.journal, share, file))
        if rules.is_folder(fields):
            raise NotFound("no-content", "A folder has no content.")
        return await contents.serve(self._ctx.objects, share.account_id, request, fields)

    async def _shown(self, request: Request, file: str | None, key: str) -> Response:
        language = language_of(request)
        try:
            share = await self._share(request)
            self._check_key(share, key)

            def read(conn: Connection) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
                fields = shares.reach(conn, self._ctx.journal, share, file or share.file_id)
                if not rules.is_folder(fields):
                    return fields, {share.file_id if file is None else file: fields}
                return fields, shares.inside(conn, self._ctx.journal, share, file or share.file_id)

            fields, entries = await self._ctx.db.read_async(read)
        except Forbidden:
            return ask(language, "ask", 200)
        except PileusError as error:
            return gone(language, error)
        return listing(language, request.path_params["token"], key, fields, entries)

    async def _share(self, request: Request) -> Share:
        token, now = request.path_params["token"], self._ctx.clock.now_ms()
        return await self._ctx.db.read_async(lambda conn: shares.by_token(conn, token, now))

    def _check_key(self, share: Share, key: str) -> None:
        if share.password_hash is None:
            return
        until, _, _ = key.partition(".")
        now = self._ctx.clock.now_ms()
        fits = until.isascii() and until.isdigit() and len(until) < 16 and now < int(until) <= now + KEY_MS
        if not fits or not hmac.compare_digest(key_of(share, int(until)), key):
            raise Forbidden("share-password", "This was shared with a password.")


def key_of(share: Share, until_ms: int) -> str:
    """What shows that the password was given; of no use once the share or its password is another."""
    secret = blake3((share.password_hash or "").encode(), derive_key_context="pileus files 1 link key").digest()
    mac = blake3(f"{share.id} {until_ms}".encode(), key=secret).hexdigest()
    return f"{until_ms}.{mac}"


def language_of(request: Request) -> str:
    """The first language of the browser's (RFC 9110 §12.5.4) that the page has."""
    for one in request.headers.get("accept-language", "").lower().split(","):
        if one.strip()[:2] in ("zh", "en"):
            return one.strip()[:2]
    return "en"


def listing(
    language: str, token: str, key: str, fields: dict[str, Any], entries: dict[str, dict[str, Any]]
) -> Response:
    query = f"?key={key}" if key else ""
    lines = []
    for name, entry in entries.items():
        folder = rules.is_folder(entry)
        path = f"/api/v1/files/links/{quote(token)}/{quote(name)}{'' if folder else '/content'}{query}"
        side = "" if folder else size_text(int(entry.get("size", 0)))
        shown = escape(str(entry["name"])) + ("/" if folder else "")
        lines.append(f'<li><a href="{escape(path)}">{shown}<span>{side}</span></a></li>')
    body = f"<ul>{''.join(lines)}</ul>" if lines else f"<p>{TEXTS.text('empty', language)}</p>"
    if not rules.is_folder(fields) and entries:
        (name,) = entries
        path = f"/api/v1/files/links/{quote(token)}/{quote(name)}/content{query}"
        words = TEXTS.text("download", language)
        body = f'<p>{size_text(int(fields["size"]))}</p><a class="b" href="{escape(path)}">{words}</a>'
    if len(entries) >= shares.MOST:
        body += f"<p>{TEXTS.text('more', language, count=shares.MOST)}</p>"
    return page(language, str(fields["name"]), body, 200)


def ask(language: str, why: str, status: int) -> Response:
    """The form for the password; it is sent to the address of the page."""
    words = {key: TEXTS.text(key, language) for key in ("password", "open", why)}
    body = (
        f'<p>{words[why]}</p><form method="post"><label>{words["password"]}'
        '<input type="password" name="password" autocomplete="off" required></label>'
        f"<button>{words['open']}</button></form>"
    )
    return page(language, TEXTS.text("title", language), body, status)


def gone(language: str, error: PileusError) -> Response:
    return page(language, TEXTS.text("title", language), f"<p>{TEXTS.text('gone', language)}</p>", error.status)


def page(language: str, title: str, body: str, status: int) -> Response:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head>{head}<title>{escape(title)}</title><style>{STYLE}</style>'
        f"</head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>",
        status,
        HEADERS,
    )


def size_text(size: int) -> str:
    for unit, divisor in (("GB", 1000**3), ("MB", 1000**2), ("kB", 1000)):
        if size >= divisor:
            return f"{size / divisor:.1f} {unit}"
    return f"{size} B"
