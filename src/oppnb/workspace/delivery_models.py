"""The part of `oppnb.yaml` about sending: channels, who is told, how often. Secrets stand in the environment only."""

import re
from typing import Literal, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, model_validator

from oppnb.errors import nearest
from oppnb.workspace.model import Model, mistake_at

__all__ = ["NAME_IN_TEXT", "Channel", "Delivery", "OwnerMail", "ReportLinks", "holds_a_secret", "looks_like_a_token"]

NAME_IN_TEXT = re.compile(r"\$\{(\w+)\}")
"""`${NAME}`, filled in from the environment when something is sent."""

_SECRET_KEY = re.compile(r"key|token|sig|sign|pass|pwd|secret|auth|code", re.IGNORECASE)
_HOST_IS_NO_SECRET = ("http", "https", "json", "jsons", "mailto", "mailtos", "smtp", "smtps")
_MAIL = ("mailto", "mailtos", "smtp", "smtps")

ChannelKind = Literal["mail", "wecom", "dingtalk", "feishu", "slack", "teams", "webhook", "apprise"]
Attachment = Literal["html", "pdf", "xlsx"]


def holds_a_secret(url: str) -> bool:
    """Whether an address holds, outside of `${NAME}`, what looks like a password or a token.

    Examples
    --------
    >>> holds_a_secret("${SALES_CHAT_URL}"), holds_a_secret("mailtos://ann:${SMTP_PASSWORD}@smtp.example.test")
    (False, False)
    >>> holds_a_secret("https://example.invalid/robot/send?access_token=abc")
    True
    """
    literal = NAME_IN_TEXT.sub("", url)
    scheme, _, rest = literal.partition("://")
    try:
        parts = urlsplit(literal if rest else f"//{literal}")
        password, host = parts.password, parts.hostname or ""
    except ValueError:
        return True
    if password:
        return True
    if any(value and _SECRET_KEY.search(key) for key, value in parse_qsl(parts.query, keep_blank_values=True)):
        return True
    if scheme.lower() in _MAIL:
        return False
    words = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query)), parts.fragment]
    if rest and scheme.lower() not in _HOST_IS_NO_SECRET:
        words += [host, parts.username or ""]
    return any(looks_like_a_token(word) for word in words)


def looks_like_a_token(word: str) -> bool:
    """Whether a word is as long, or as mixed, as tokens are."""
    return len(word) >= 16 or (len(word) >= 8 and any(letter.isdigit() for letter in word))


class Channel(Model):
    """Where something is sent: a mailbox, a chat, an address of your own."""

    url: str = Field(
        min_length=1,
        description="Address, with ${NAME} for what is secret (mostly all of it): the webhook that the chat shows, or "
        "mailtos://user:${SMTP_PASSWORD}@host?to=…; any other address that apprise knows.",
    )
    kind: ChannelKind | None = Field(None, description="By default told by the address once it is filled in.")
    secret: str | None = Field(None, description="${NAME} of the signing secret (DingTalk 加签, Feishu 签名校验).")
    attach: Attachment | list[Attachment] | None = Field(
        None, description="Files of the report to send along (mail, WeCom, webhook); others get the link alone."
    )
    language: str | None = Field(None, description="en or zh_CN; by default the workspace's.")

    @model_validator(mode="after")
    def _holds_no_secret(self) -> Self:
        what = "looks like a password or a token, and this file is no place for one"
        if holds_a_secret(self.url):
            said = f"this {what}. Put the address into an environment variable, write ${{NAME}} of it here"
            raise mistake_at(("url",), f"{said}, and change the token: it has been in a file", value="")
        if self.secret is not None and NAME_IN_TEXT.fullmatch(self.secret) is None:
            said = f"this {what}. Put it into an environment variable and write ${{NAME}} of it here"
            raise mistake_at(("secret",), f"{said}, and change the secret: it has been in a file", value="")
        if self.language is not None and not self.language.lower().startswith(("en", "zh")):
            raise mistake_at(("language",), "there is no such language; use en or zh_CN", value="")
        return self

    @property
    def attachments(self) -> tuple[str, ...]:
        """The kinds of file to send along."""
        return () if self.attach is None else (self.attach,) if isinstance(self.attach, str) else tuple(self.attach)


class OwnerMail(Model):
    """Owners are told by mail, at an address that stands in the table `owners`."""

    channel: str = Field(description="A channel of the kind mail; only its recipient is replaced.")
    column: str = Field("email", description="Column of `owners` with the address.")
    domains: list[str] = Field(
        min_length=1, description="Only addresses at these, e.g. example.test: an export must not choose who gets mail."
    )


class ReportLinks(Model):
    """How a report's folder becomes an address."""

    folder: str = Field("reports", description="The folder that is served, as seen from this file.")
    url: str = Field(description="Its address, e.g. https://example.test/reports/; ${NAME} is filled in.")


class Delivery(Model):
    """Who is told what, where and how often."""

    channels: dict[str, Channel] = Field(default_factory=dict, description="Name -> channel.")
    owners: dict[str, str] = Field(default_factory=dict, description="owner_id -> channel for alerts of their deals.")
    owner_mail: OwnerMail | None = Field(None, description="For owners without a channel of their own.")
    alerts: list[str] = Field(
        default_factory=list, description="Channels for alerts that are nobody's, or whose owner has no channel."
    )
    quiet_hours: float = Field(
        24, ge=0, description="An alert that went away and comes back within so many hours is not sent again yet."
    )
    digest: Literal["each_run", "daily", "weekly"] = Field(
        "daily", description="At most one message with alerts a channel: in each run, a day, or a week."
    )
    links: ReportLinks | None = Field(None, description="By default a message names the report's folder.")

    @model_validator(mode="after")
    def _channels_are_there(self) -> Self:
        named: list[tuple[tuple[str | int, ...], str]] = [(("owners", key), name) for key, name in self.owners.items()]
        named += [(("alerts", place), name) for place, name in enumerate(self.alerts)]
        if self.owner_mail is not None:
            named.append((("owner_mail", "channel"), self.owner_mail.channel))
        for place, name in named:
            if name not in self.channels:
                near = nearest(name, self.channels)
                said = f"there is no channel '{name}'" + (f"; did you mean '{near}'" if near else "")
                raise mistake_at(place, said, value="")
        return self
