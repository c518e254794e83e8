"""One channel of the workspace: what kind it is, what it would be sent, and sending it."""

import re
import warnings
from dataclasses import dataclass, replace
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from oppnb.delivery.message import Message, count_told, mail_body, plain_text
from oppnb.delivery.payloads import CHATS
from oppnb.delivery.secrets import Secrets, fill_in, quiet_logs
from oppnb.errors import DeliveryError, ExtraMissingError
from oppnb.workspace import Channel

__all__ = ["OpenChannel", "open_channel", "owner_address", "unset_channel"]

_HOSTS = {
    "wecom": ("qyapi.weixin.qq.com",),
    "dingtalk": ("oapi.dingtalk.com",),
    "feishu": ("open.feishu.cn", "open.larksuite.com"),
    "slack": ("hooks.slack.com", "hooks.slack-gov.com"),
    "teams": (".logic.azure.com", ".powerplatform.com", ".webhook.office.com"),
}
_MAIL = ("mailto", "mailtos", "smtp", "smtps")
_BY_ADDRESS = ("wecombot", "dingtalk", "feishu", "lark")  # apprise takes their HTTP 200 for a yes: give the https one
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[A-Za-z0-9.-]{1,190}")
Reason = tuple[str, str]
LONGEST_TEXT = 30_000
UNKNOWN = "unknown"
"""Of a channel whose address is not there to tell: it is shown as plain text."""


@dataclass(frozen=True)
class OpenChannel:
    """A channel, filled in.

    Attributes
    ----------
    name, kind : str
        As the workspace names it; what it is.
    address : str
        Secret.
    secret : str or None
        For the signature.
    secrets : Secrets
        What must not be shown.
    recipient : str
        Of a mail to an owner; else empty.
    """

    name: str
    kind: str
    address: str
    secret: str | None
    secrets: Secrets
    recipient: str = ""

    def __repr__(self) -> str:
        return f"OpenChannel({self.name!r}, {self.kind!r})"

    @property
    def takes_files(self) -> bool:
        """Whether files of a report can be attached."""
        return self.kind in ("mail", "apprise", UNKNOWN) or (self.kind in CHATS and CHATS[self.kind].takes_files)

    def to(self, recipient: str) -> "OpenChannel":
        """The same mail channel with another recipient."""
        return replace(self, recipient=recipient)

    def told(self, message: Message) -> Message:
        """The message with the alerts that fit, and those only: the others are for the next one."""
        if self.kind == "mail" or message.counts:
            return message
        n = count_told(message, CHATS[self.kind].most_bytes if self.kind in CHATS else LONGEST_TEXT)
        return replace(message, found=message.found[:n])

    def content(self, message: Message) -> dict[str, Any]:
        """Exactly what would be sent, without secrets; files by name."""
        shown = replace(message, files=())
        files = [file.name for file in message.files]
        if self.kind in CHATS:
            return {"body": CHATS[self.kind].payload(shown), "files": files}
        if self.kind == "mail":
            found: dict[str, Any] = {"subject": message.title, "html": mail_body(message), "files": files}
            return {"to": self.recipient, **found} if self.recipient else found
        return {"title": message.title, "text": _text(message), "files": files}

    def send(self, message: Message) -> Reason | None:
        """Send it; None if it was taken, else why not.

        Raises
        ------
        ExtraMissingError
            If apprise is not installed.
        """
        with quiet_logs(self.secrets):
            return self._send(message)

    def _send(self, message: Message) -> Reason | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of services that are not used here
                from apprise import Apprise, AppriseAttachment, NotifyFormat

                service = self._service(message)
        except ImportError as error:
            raise ExtraMissingError.for_extra("deliver", what="Sending a message") from error
        if service is None:
            return ("bad_address", "")
        sender = Apprise()
        sender.add(service)
        attached = AppriseAttachment()
        for file in () if self.kind in CHATS else message.files:
            attached.add(str(file))
        body, is_html = (mail_body(message), True) if self.kind == "mail" else (_text(message), False)
        form = NotifyFormat.HTML if is_html else NotifyFormat.TEXT
        files = attached if len(attached) else None
        if sender.notify(body=body, title=message.title, body_format=form, attach=files):
            return None
        default = ("mail" if self.kind == "mail" else "other", "")
        return getattr(service, "reason", default)

    def _service(self, message: Message) -> Any | None:
        from apprise import Apprise

        from oppnb.delivery.robot import ChatRobot

        if self.kind in CHATS:
            if not self.address.lower().startswith(("http://", "https://")):
                return None
            payload = CHATS[self.kind].payload(message)
            return ChatRobot(self.kind, self.address, payload, secret=self.secret, files=message.files)
        service = Apprise.instantiate(self.address, suppress_exceptions=True)
        if service is not None and self.recipient:
            for name, value in {"targets": [(False, self.recipient)], "cc": set(), "bcc": set()}.items():
                setattr(service, name, value)
        return service


def _text(message: Message) -> str:
    return plain_text(message, most_bytes=LONGEST_TEXT, with_title=False)


def open_channel(name: str, channel: Channel) -> OpenChannel:
    """Fill a channel in and see what kind it is.

    Raises
    ------
    DeliveryError
        If a variable is not set, or the address is of no kind that is known. It shows nothing of the address.
    """
    address = fill_in(channel.url)
    secret = None if channel.secret is None else fill_in(channel.secret)
    kind = channel.kind or _kind_of(address)
    if kind is None:
        raise DeliveryError("The address is none that can be used: give the whole https address that the chat shows.")
    return OpenChannel(name, kind, address, secret, Secrets([channel.url, channel.secret]))


def unset_channel(name: str, channel: Channel) -> OpenChannel:
    """A channel whose variables are not set, to show what it would be sent; nothing can be sent to it."""
    kind = channel.kind or _kind_of(channel.url) or UNKNOWN
    return OpenChannel(name, kind, "", None, Secrets([channel.url, channel.secret]))


def _kind_of(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    except ValueError:
        return None
    if scheme in ("http", "https"):
        found = [kind for kind, hosts in _HOSTS.items() if host.endswith(hosts)]
        return found[0] if found else "webhook" if host else None
    if not scheme or scheme in _BY_ADDRESS:
        return None
    return "mail" if scheme in _MAIL else "apprise"


def owner_address(text: str, domains: tuple[str, ...] | list[str]) -> str | None:
    """One plain address at one of the domains, or None: the table comes from an export.

    Examples
    --------
    >>> owner_address("ann@example.test", ["example.test"])
    'ann@example.test'
    >>> owner_address("ann@example.test, eve@example.org", ["example.test"]) is None
    True
    """
    found = text.strip()
    if not _ADDRESS.fullmatch(found) or parseaddr(found)[1] != found:
        return None
    return found if found.rpartition("@")[2].lower() in {domain.lower() for domain in domains} else None
