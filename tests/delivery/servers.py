"""Local servers that speak what the chats' makers document, and a mail server; every request is kept."""

import asyncio
import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "0a1b2c3d-s3cret-key"
SIGNING = "SEC-signing-s3cret"


@dataclass
class ChatServer:
    """What came in, and what to answer."""

    port: int = 0
    requests: list[tuple[str, dict, bytes]] = field(default_factory=list)
    status: int = 200

    @property
    def bodies(self) -> list[dict]:
        return [json.loads(body) for _, headers, body in self.requests if "json" in headers.get("content-type", "")]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def _answer(path: str, query: dict, body: bytes, content_type: str) -> tuple[int, object]:
    """As documented: WeCom, DingTalk and Feishu say no with HTTP 200 and a code; Slack and Teams by HTTP."""
    if path.startswith("/cgi-bin/webhook/"):
        if query.get("key") != [KEY]:
            return 200, {"errcode": 93000, "errmsg": f"invalid webhook url, key {query.get('key')}"}
        if path.endswith("upload_media"):
            ok = query.get("type") == ["file"] and b'name="media"' in body
            return 200, {"errcode": 0, "errmsg": "ok", "type": "file", "media_id": "m1"} if ok else {"errcode": 40004}
        told = json.loads(body)
        fits = told["msgtype"] == "file" or len(told["text"]["content"].encode()) <= 2048
        return 200, {"errcode": 0 if fits else 40058, "errmsg": "ok"}
    if path == "/robot/send":
        if query.get("access_token") != [KEY]:
            return 200, {"errcode": 300005, "errmsg": "token is not exist"}
        moment = query.get("timestamp", [""])[0]
        sign = base64.b64encode(hmac.new(SIGNING.encode(), f"{moment}\n{SIGNING}".encode(), hashlib.sha256).digest())
        return 200, {"errcode": 0 if query.get("sign") == [sign.decode()] else 310000, "errmsg": "?"}
    if path.startswith("/open-apis/bot/v2/hook/"):
        told = json.loads(body)
        key = f"{told.get('timestamp')}\n{SIGNING}".encode()
        good = told.get("sign") == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        return 200, {"code": 0, "msg": "success", "data": {}} if good else {"code": 19021, "msg": "sign match fail"}
    if path.startswith("/services/"):
        return (200, "ok") if path.endswith(KEY) and json.loads(body).get("text") else (403, "invalid_token")
    if path.startswith("/workflows/"):
        return (202, "") if query.get("sig") == [KEY] else (401, {"error": {"code": "AuthorizationFailed"}})
    return 200, {"received": content_type}


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    found = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            parts = urlsplit(self.path)
            found.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, told = _answer(parts.path, parse_qs(parts.query), body, self.headers["content-type"])
            content = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status if found.status == 200 else found.status)
            self.send_header("content-type", "text/plain" if isinstance(told, str) else "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailServer:
    """Mails that were taken: envelope and content."""

    port: int = 0
    mails: list[tuple[list[str], Message]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuses: bool = False


async def _log_in(command: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, found: MailServer) -> None:
    """AUTH PLAIN or LOGIN; the first word may stand in the command."""
    parts = command.split(" ")
    told = parts[2] if len(parts) > 2 else ""
    questions = [] if parts[1].upper() == "PLAIN" else ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"]
    for question in questions[1:] if told else questions:
        writer.write(f"334 {question}\r\n".encode())
        told = (await reader.readline()).decode().strip()
    found.logins.append(base64.b64decode(told).decode())
    writer.write(b"535 5.7.8 no\r\n" if found.refuses else b"235 ok\r\n")


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Message:
    writer.write(b"354 go on\r\n")
    content = b""
    while (row := await reader.readline()) != b".\r\n":
        content += row[1:] if row.startswith(b"..") else row
    return message_from_bytes(content)


SAID = {"EHLO": b"250-local\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n", "QUIT": b"221 bye\r\n"}


async def _speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, found: MailServer) -> None:
    """Enough of RFC 5321."""
    to: list[str] = []
    writer.write(b"220 local\r\n")
    while command := (await reader.readline()).decode().rstrip("\r\n"):
        verb = command.split(" ")[0].upper()
        if verb == "AUTH":
            await _log_in(command, reader, writer, found)
            continue
        if verb == "RCPT":
            to.append(command.split("<")[1].split(">")[0])
        if verb == "DATA":
            found.mails.append((to, await _take(reader, writer)))
            to = []
        writer.write(SAID.get(verb, b"250 ok\r\n"))
        if verb == "QUIT":
            break
    writer.close()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    found, loop, ready = MailServer(), asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(lambda r, w: _speak(r, w, found), "127.0.0.1", 0)
        found.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
