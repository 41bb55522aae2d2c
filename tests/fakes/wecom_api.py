"""The API that an application calls: JSON in HTTP 200 even for errors, every rule checked."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.fakes.serving import Fault
from tests.fakes.wecom_asked import Asked, HungUp, misbehaviour, read
from tests.fakes.wecom_rules import Refused, menu
from tests.fakes.wecom_sending import Sending

TOKEN_SECONDS = 7200
MEGABYTE = 1024 * 1024
MOST_BYTES = {"file": 20 * MEGABYTE, "image": 10 * MEGABYTE}
PICTURE = re.compile(rb"\x89PNG\r\n|\xff\xd8\xff")


class Answering(Sending):
    """Every call of the API by its path."""

    def api_routes(self) -> list[BaseRoute]:
        return [Route("/cgi-bin/{method:path}", self.answered, methods=["GET", "POST"])]

    async def answered(self, request: Request) -> Response:
        method, asked = request.path_params["method"], await read(request)
        fault = self.record.fault(method, asked.given)
        with self.changed:  # who waits for an effect finds its call in the record as well
            response, answer = self.respond(method, asked, fault)
            dropped = fault is not None and fault.dropped
            self.record.note(method, asked.given, 0 if dropped else response.status_code, None if dropped else answer)
        if fault:
            await fault.passes()
        return HungUp() if dropped else response

    def respond(self, method: str, asked: Asked, fault: Fault | None) -> tuple[Response, Any]:
        if fault and (fault.status is not None or fault.body is not None):
            return misbehaviour(fault), fault.body
        try:
            answer = self.call(method, asked)
        except Refused as refused:
            answer = {"errcode": refused.errcode, "errmsg": refused.errmsg}
        if isinstance(answer, Response):
            return answer, None
        answer = {"errcode": 0, "errmsg": "ok", **answer}
        return JSONResponse(answer), answer

    def call(self, method: str, asked: Asked) -> Any:
        calls: dict[str, tuple[str, Callable[[Asked], Any]]] = {
            "gettoken": ("GET", self.gettoken),
            "message/send": ("POST", self.send),
            "message/update_template_card": ("POST", self.update_template_card),
            "media/upload": ("POST", self.upload),
            "media/get": ("GET", self.download),
            "user/get": ("GET", self.user_get),
            "menu/create": ("POST", self.menu_create),
        }
        if method not in calls:
            self.complain(f"there is no {method}")
            raise Refused(404, "unknown path")
        verb, answer = calls[method]
        if asked.verb != verb:
            raise Refused(43001 if verb == "GET" else 43002, f"require {verb} method")
        if not self.ip_allowed:
            raise Refused(60020, "not allow to access from your ip, from ip: 127.0.0.1")
        if method != "gettoken":
            self.check_token(asked.query.get("access_token"))
        if asked.wrong == "json":
            raise Refused(47001, "data format error")
        return answer(asked)

    def gettoken(self, asked: Asked) -> dict[str, Any]:
        if asked.query.get("corpid") != self.corp_id:
            raise Refused(40013, "invalid corpid")
        if asked.query.get("corpsecret") != self.secret:
            raise Refused(40001, "invalid credential")
        valid = [token for token, until in self.access_tokens.items() if until > self.now()]
        if not valid:
            valid = ["CANARY-wecom-access-" + secrets.token_urlsafe(60)]
            self.access_tokens[valid[0]] = self.now() + TOKEN_SECONDS
        # 7200 even when less is left (developers.weixin.qq.com, 企业微信 community, 2021): no reason to trust it.
        return {"access_token": valid[0], "expires_in": TOKEN_SECONDS}

    def forget_tokens(self) -> None:
        """What the platform does at times before they expire: from now on 40014."""
        with self.changed:
            self.access_tokens.clear()

    def check_token(self, token: str | None) -> None:
        if not token:
            raise Refused(41001, "access_token missing")
        if token not in self.access_tokens:
            raise Refused(40014, "invalid access_token")
        if self.access_tokens[token] <= self.now():
            raise Refused(42001, "access_token expired")

    def upload(self, asked: Asked) -> dict[str, Any]:
        kind = asked.query.get("type", "")
        if kind not in MOST_BYTES:
            raise Refused(40005, "invalid type parameter")
        if asked.wrong or "data" not in asked.body:
            raise Refused(41005, "media data missing")
        name, data = asked.body["filename"], asked.body["data"]
        if asked.body["starred"]:
            self.complain(f"filename* of {name}: WeCom shows the plain filename")
        if not 5 < len(data) <= MOST_BYTES[kind]:
            raise Refused(40006, "invalid media size")
        if kind == "image" and not PICTURE.match(data):
            raise Refused(40004, "invalid media type")
        return {"type": kind, "media_id": self.keep(name, data), "created_at": str(int(self.now()))}

    def download(self, asked: Asked) -> Response:
        media = self.held(asked.query.get("media_id"))
        # The name as raw UTF-8, which a header of Starlette takes as latin-1.
        name = media.name.encode().decode("latin-1")
        return Response(
            media.data,
            media_type="application/octet-stream",
            headers={"Content-disposition": f'attachment; filename="{name}"'},
        )

    def user_get(self, asked: Asked) -> dict[str, Any]:
        member = self.members.get(asked.query.get("userid", "").lower())
        if member is None:
            raise Refused(60111, "userid not found")
        return {"userid": member.userid, "name": member.name, "department": [1], "status": 1, "isleader": 0}

    def menu_create(self, asked: Asked) -> dict[str, Any]:
        self.check_agent(asked.query.get("agentid"))
        self.menu = menu(asked.body)
        return {}
