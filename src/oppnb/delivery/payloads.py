"""What each chat's webhook is sent, as its maker documents it, and how its answer is read.

All chats get plain text, in a form in which the chat looks for no Markdown: what a deal is called can neither style a
message nor link nor call anybody. Chats still look for `<…>`, so that is made harmless as well.
"""

import base64
import hashlib
import hmac
import mimetypes
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from oppnb.delivery.message import Message, plain_text

__all__ = ["CHATS", "Chat", "signed_address"]

WECOM, DINGTALK, FEISHU, SLACK, TEAMS = 2048, 18_000, 18_000, 30_000, 20_000  # bytes
ANY_LENGTH = 10_000_000
_WIDE = str.maketrans({"<": "＜", ">": "＞"})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True)
class Chat:
    """How to speak with one service.

    Attributes
    ----------
    payload : callable
        Message -> JSON body.
    refused : callable
        Answer (parsed JSON, or text) -> why it was refused, or an empty text: these answer HTTP 200 to a wrong key.
    most_bytes : int
        The longest text that the service takes, with some room.
    takes_files : bool
        Whether files of the report can be sent.
    """

    payload: Callable[[Message], dict[str, Any]]
    refused: Callable[[Any], str]
    most_bytes: int
    takes_files: bool = False


def _wecom(message: Message) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": plain_text(message, most_bytes=WECOM).translate(_WIDE)}}


def _dingtalk(message: Message) -> dict[str, Any]:
    text = plain_text(message, most_bytes=DINGTALK).translate(_WIDE)
    return {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": False}}


def _feishu(message: Message) -> dict[str, Any]:
    return {"msg_type": "text", "content": {"text": plain_text(message, most_bytes=FEISHU).translate(_WIDE)}}


def _slack(message: Message) -> dict[str, Any]:
    text = plain_text(message, most_bytes=SLACK).translate(_ENTITIES)
    return {"text": text, "mrkdwn": False, "link_names": False, "unfurl_links": False, "unfurl_media": False}


def _teams(message: Message) -> dict[str, Any]:
    """An adaptive card of rich text, which unlike a text block holds no Markdown."""
    lines = plain_text(message, most_bytes=TEAMS, with_title=False).translate(_WIDE).split("\n")
    title = _rich(message.title.translate(_WIDE), weight="Bolder", size="Medium")
    body = [title, *(_rich(line) for line in lines if line)]
    card: dict[str, Any] = {"type": "AdaptiveCard", "version": "1.4", "body": body}
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": message.title, "url": message.link}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _rich(text: str, **look: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}


def _webhook(message: Message) -> dict[str, Any]:
    return {
        "version": 1,
        "title": message.title,
        "lines": list(message.lines),
        "link": message.link or None,
        "alerts": [alert.to_dict(message.words.locale) for alert in message.found],
        "attachments": [
            {
                "filename": file.name,
                "mimetype": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
                "base64": base64.b64encode(file.read_bytes()).decode("ascii"),
            }
            for file in message.files
        ],
    }


def _by_code(*names: str) -> Callable[[Any], str]:
    """Refused unless one of these fields is 0; only the number is told, never the server's text."""

    def refused(answer: Any) -> str:
        codes = [answer[name] for name in names if name in answer] if isinstance(answer, Mapping) else []
        if any(code == 0 for code in codes):
            return ""
        return f"{names[0]} {codes[0]}" if codes and isinstance(codes[0], int) else "no answer that can be read"

    return refused


def _never(answer: Any) -> str:
    del answer
    return ""


def _slack_answer(answer: Any) -> str:
    return "" if isinstance(answer, str) and answer.strip() == "ok" else "not ok"


CHATS: Mapping[str, Chat] = {
    "wecom": Chat(_wecom, _by_code("errcode"), WECOM, takes_files=True),
    "dingtalk": Chat(_dingtalk, _by_code("errcode"), DINGTALK),
    "feishu": Chat(_feishu, _by_code("code", "StatusCode"), FEISHU),
    "slack": Chat(_slack, _slack_answer, SLACK),
    "teams": Chat(_teams, _never, TEAMS),
    "webhook": Chat(_webhook, _never, ANY_LENGTH, takes_files=True),
}


def signed_address(kind: str, address: str, payload: dict[str, Any], secret: str | None) -> tuple[str, dict[str, Any]]:
    """Address and body with the signature that DingTalk and Feishu ask for where a secret is set."""
    if secret is None or kind not in ("dingtalk", "feishu"):
        return address, payload
    if kind == "dingtalk":
        moment = str(round(time.time() * 1000))
        sign = _hmac(secret.encode(), f"{moment}\n{secret}".encode())
        joint = "&" if "?" in address else "?"
        return f"{address}{joint}timestamp={moment}&sign={quote_plus(sign)}", payload
    moment = str(int(time.time()))
    sign = _hmac(f"{moment}\n{secret}".encode(), b"")
    return address, {"timestamp": moment, "sign": sign, **payload}


def _hmac(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode("ascii")
