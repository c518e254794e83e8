"""A chat's webhook as a service of apprise: it reads the answer, which says no with HTTP 200."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from apprise import NotifyBase, NotifyType

from oppnb.delivery.payloads import CHATS, signed_address

__all__ = ["ChatRobot"]

TIMEOUT = (5, 20)


class ChatRobot(NotifyBase):  # type: ignore[no-untyped-call]
    """One webhook.

    Parameters
    ----------
    kind : str
        One of `CHATS`.
    address : str
        Filled in; it is never shown.
    payload : dict
        What is sent.
    secret : str or None
        For the signature.
    files : sequence of Path
        Sent after the text, each by itself (WeCom).
    """

    service_name = "oppnb"  # type: ignore[assignment]
    request_rate_per_sec = 0

    def __init__(
        self, kind: str, address: str, payload: dict[str, Any], *, secret: str | None, files: Sequence[Path]
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kind, self.address, self.payload, self.secret, self.files = kind, address, payload, secret, files
        self.reason: tuple[str, str] = ("other", "")

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """Nothing that could be shown."""
        del privacy, args, kwargs
        return f"{self.kind}://***"

    def send(self, body: str, title: str = "", notify_type: NotifyType = NotifyType.INFO, **kwargs: Any) -> bool:
        """Post the payload, then the files; `reason` says why not."""
        del body, title, notify_type, kwargs
        address, payload = signed_address(self.kind, self.address, self.payload, self.secret)
        if self._post(address, json=payload) is None:
            return False
        return self.kind != "wecom" or all(self._send_file(file) for file in self.files)

    def _send_file(self, file: Path) -> bool:
        """WeCom: a file is uploaded, and then named in a message."""
        parts = urlsplit(self.address)
        upload = urlunsplit(
            (
                parts.scheme,
                parts.netloc,
                parts.path.removesuffix("send") + "upload_media",
                f"{parts.query}&type=file",
                "",
            )
        )
        with file.open("rb") as content:
            answer = self._post(upload, files={"media": (file.name, content, "application/octet-stream")})
        if not isinstance(answer, dict) or not isinstance(answer.get("media_id"), str):
            return False
        return self._post(self.address, json={"msgtype": "file", "file": {"media_id": answer["media_id"]}}) is not None

    def _post(self, address: str, **what: Any) -> Any | None:
        """The answer; None if it was not taken."""
        try:
            answer = requests.post(address, timeout=TIMEOUT, allow_redirects=False, **what)
        except requests.exceptions.RequestException as error:
            self.reason = (_why(error), "")
            return None
        except (ValueError, OSError):  # an address that urllib3 cannot take apart
            self.reason = ("bad_address", "")
            return None
        if not 200 <= answer.status_code < 300:
            self.reason = ("refused", f"HTTP {answer.status_code}")
            return None
        told = _told(answer)
        refused = CHATS[self.kind].refused(told)
        self.reason = ("refused", refused)
        return None if refused else told


def _why(error: requests.exceptions.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "certificate"
    if isinstance(error, requests.exceptions.Timeout):
        return "timed_out"
    return "not_reached" if isinstance(error, requests.exceptions.ConnectionError) else "bad_address"


def _told(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text
