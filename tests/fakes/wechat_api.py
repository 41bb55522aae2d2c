"""The API that the bot calls: /cgi-bin/..., JSON in HTTP 200 even for errors, access_token on every call."""

import io
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, cast

import segno
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.fakes.serving import Fault, Record
from tests.fakes.wechat_account import Account, Scene
from tests.fakes.wechat_rules import MEDIA, Refused, check_menu, need, part, posted, words
from tests.fakes.wechat_sending import FINE, Answer, Sending

TYPES = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4", "thumb": "image/jpeg"}
# The rest is open to accounts that are not verified.
FOR_VERIFIED = ("message/", "qrcode/", "user/")
QR_SECONDS = 2_592_000


@dataclass(frozen=True)
class Asked:
    """One request; `file` is name and content of the multipart field `media`."""

    method: str
    query: Mapping[str, str]
    body: bytes = b""
    file: tuple[str, bytes] | None = None
    json: Mapping[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, Any]:
        name, content = self.file or ("", b"")
        return {**self.query, **self.json, **({"filename": name, "size": len(content)} if self.file else {})}


async def asked(request: Request) -> Asked:
    query = dict(request.query_params)
    if not request.headers.get("content-type", "").startswith("multipart/"):
        body = await request.body()
        try:
            return Asked(request.method, query, body, json=posted(body))
        except Refused:
            return Asked(request.method, query, body)
    try:
        async with request.form() as form:
            media = form.get("media")
            if not isinstance(media, UploadFile):
                return Asked(request.method, query)
            return Asked(request.method, query, file=(media.filename or "", await media.read()))
    except (MultiPartException, HTTPException):
        return Asked(request.method, query)


Handler = Callable[[Asked], Answer | Response]


class Api:
    """Paths after /cgi-bin/ with their HTTP method and what they do."""

    def __init__(self, account: Account, sending: Sending, record: Record, base: Callable[[], str]) -> None:
        self.account = account
        self.record = record
        self.base = base
        self.open: dict[str, tuple[str, Handler]] = {
            "stable_token": ("POST", self.stable),
            "token": ("GET", self.plain),
        }
        self.methods: dict[str, tuple[str, Handler]] = {
            "message/custom/send": ("POST", lambda ask: sending.custom(posted(ask.body))),
            "message/custom/typing": ("POST", lambda ask: sending.typing(posted(ask.body))),
            "message/template/send": ("POST", lambda ask: sending.template(posted(ask.body))),
            "message/subscribe/bizsend": ("POST", lambda ask: sending.subscription(posted(ask.body))),
            "media/upload": ("POST", self.upload),
            "media/get": ("GET", self.media),
            "qrcode/create": ("POST", self.code),
            "menu/create": ("POST", self.create_menu),
            "menu/get": ("GET", self.menu),
            "menu/delete": ("GET", self.delete_menu),
            "user/info": ("GET", self.info),
            "clear_quota": ("POST", self.clear),
            "getcallbackip": ("GET", lambda _: {"ip_list": ["127.0.0.1"]}),
        }

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/cgi-bin/showqrcode", self.show_code),
            Route("/cgi-bin/{method:path}", self.endpoint, methods=["GET", "POST"]),
            Route("/mmbiz_jpg/{id}/0", self.picture),
            Route("/video/{id}", self.video),
        ]

    async def endpoint(self, request: Request) -> Response:
        method = request.path_params["method"]
        ask = await asked(request)
        fault = self.record.fault(method, ask.given) or Fault(method)
        misanswered = fault.status is not None or fault.body is not None
        effective = fault.dropped or not misanswered
        answer: Answer | Response = await run_in_threadpool(self.call, method, ask) if effective else {}
        if misanswered:
            answer = _misanswer(fault)
        await fault.passes()
        response = answer if isinstance(answer, Response) else JSONResponse(answer)
        noted = f"{len(response.body)} bytes" if isinstance(answer, Response) else answer
        self.record.note(method, ask.given, response.status_code, noted)
        if fault.dropped:
            cast("Any", request.receive).__self__.transport.close()  # ASGI has no word for it, uvicorn does
            while (await request.receive())["type"] != "http.disconnect":
                pass
        return response

    def call(self, method: str, ask: Asked) -> Answer | Response:
        try:
            verb, handler = (self.open | self.methods).get(method, ("", None))
            need(handler, 40066)
            need(ask.method == verb, 43002 if verb == "POST" else 43001)
            with self.account.lock:
                if method in self.methods:
                    self.account.tokens.check(ask.query.get("access_token", ""))
                need(self.account.verified or not method.startswith(FOR_VERIFIED), 48001)
                if method != "clear_quota":
                    self.account.count(method)
                assert handler is not None
                return handler(ask)
        except Refused as refused:
            return {"errcode": refused.errcode, "errmsg": f"{refused.errmsg} rid: {secrets.token_hex(4)}"}

    def _owner(self, given: Mapping[str, Any]) -> None:
        need(given.get("grant_type") == "client_credential", 40002)
        need(given.get("appid"), 41002)
        need(given.get("secret"), 41004)
        need(given["appid"] == self.account.app_id, 40013)
        need(given["secret"] == self.account.secret, 40125)
        need(self.account.ip_allowed, 40164)

    def stable(self, ask: Asked) -> Answer:
        body = posted(ask.body)
        self._owner(body)
        forced = body.get("force_refresh", False)
        need(isinstance(forced, bool), 47001, "force_refresh")
        token, left = self.account.tokens.current(forced=forced)
        return {"access_token": token, "expires_in": int(left)}

    def plain(self, ask: Asked) -> Answer:
        self._owner(ask.query)
        token, left = self.account.tokens.another()
        return {"access_token": token, "expires_in": int(left)}

    def upload(self, ask: Asked) -> Answer:
        kind = ask.query.get("type", "")
        need(kind in MEDIA, 40004)
        need(ask.file, 41005)
        name, content = ask.file or ("", b"")
        size, suffixes = MEDIA[kind]
        need(content, 44001)
        need(PurePath(name).suffix.lower() in suffixes, 40005, name)
        need(len(content) <= size, 45001)
        medium = self.account.keep(kind, content, name)
        id = "thumb_media_id" if kind == "thumb" else "media_id"
        return {"type": kind, id: medium.id, "created_at": int(self.account.clock())}

    def media(self, ask: Asked) -> Answer | Response:
        medium = self.account.medium(ask.query.get("media_id"))
        if medium.kind == "video":
            return {"video_url": f"{self.base()}/video/{medium.id}"}
        name = f"{medium.id}{PurePath(medium.name).suffix}"
        headers = {"Content-disposition": f'attachment; filename="{name}"'}
        return Response(medium.content, media_type=TYPES[medium.kind], headers=headers)

    def code(self, ask: Asked) -> Answer:
        body = posted(ask.body)
        seconds = body.get("expire_seconds", 60)
        need(body.get("action_name") == "QR_STR_SCENE", 40035, "action_name")
        need(type(seconds) is int and 0 < seconds <= QR_SECONDS, 40035, "expire_seconds")
        scene = words(part(part(body, "action_info"), "scene"), "scene_str")
        need(len(scene) <= 64, 40035, "scene_str")
        address = f"http://weixin.qq.com/q/{secrets.token_urlsafe(12)}"
        made = Scene(scene, f"gQ{secrets.token_urlsafe(66)}==", address, self.account.clock() + seconds)
        self.account.scenes.append(made)
        return {"ticket": made.ticket, "expire_seconds": seconds, "url": address}

    def create_menu(self, ask: Asked) -> Answer:
        body = posted(ask.body)
        check_menu(body)
        self.account.menu = body
        return dict(FINE)

    def menu(self, _: Asked) -> Answer:
        need(self.account.menu is not None, 46003)
        return {"menu": dict(self.account.menu or {})}

    def delete_menu(self, _: Asked) -> Answer:
        self.account.menu = None
        return dict(FINE)

    def info(self, ask: Asked) -> Answer:
        user = self.account.follower(ask.query.get("openid"))
        if not user.follows:
            return {"subscribe": 0, "openid": user.openid, "tagid_list": []}
        return {
            "subscribe": 1,
            "openid": user.openid,
            "language": "zh_CN",
            "subscribe_time": int(user.followed_at),
            "remark": "",
            "groupid": 0,
            "tagid_list": [],
            "subscribe_scene": "ADD_SCENE_QR_CODE" if user.scene else "ADD_SCENE_SEARCH",
            "qr_scene": 0,
            "qr_scene_str": user.scene,
        }

    def clear(self, ask: Asked) -> Answer:
        need(posted(ask.body).get("appid") == self.account.app_id, 40013)
        self.account.clear_quota()
        return dict(FINE)

    def show_code(self, request: Request) -> Response:
        ticket = request.query_params.get("ticket")
        made = next((code for code in self.account.scenes if code.ticket == ticket), None)
        if made is None or self.account.clock() >= made.until:
            return Response(status_code=404)
        picture = io.BytesIO()
        segno.make(made.url).save(picture, kind="png", scale=5)
        return Response(picture.getvalue(), media_type="image/png")

    def picture(self, request: Request) -> Response:
        """The address of a photo works longer than its media id."""
        medium = self.account.media.get(request.path_params["id"])
        if medium is None or medium.kind not in ("image", "thumb"):
            return Response(status_code=404)
        return Response(medium.content, media_type="image/jpeg")

    def video(self, request: Request) -> Response:
        try:
            return Response(self.account.medium(request.path_params["id"], "video").content, media_type="video/mp4")
        except Refused:
            return Response(status_code=404)


def _misanswer(fault: Fault) -> Response:
    status = fault.status or 200
    if isinstance(fault.body, Mapping):
        return JSONResponse(dict(fault.body), status)
    return Response(fault.body or "", status, media_type="text/html")
