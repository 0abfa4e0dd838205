"""Why something of a file was not kept, in the owner's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.core.catalogue import LANGUAGES, Catalogue
from pileus.core.errors import PileusError

TEXTS = Catalogue(
    en={
        "line-too-long": "The line has more than {limit} bytes.",
        "no-object": "The line is no JSON object.",
        "no-texts": "The address and the body have to be texts.",
        "no-date": "The date_ms has to be a whole number of milliseconds.",
        "no-contact": "The contact has to be a text.",
        "no-direction": 'The direction has to be "in" or "out", read true or false.',
        "field-form": "{field} has not the form that it should have.",
        "not-unicode": "The text has a character that is not valid Unicode.",
        "value-too-long": "The message is too long.",
        "attribute-missing": "The attribute {name} is missing.",
        "date-strange": "The date {value} is no number of milliseconds.",
        "type-unknown": "The type {value} is not known.",
        "part-too-large": "The attachment {name} has more than {limit} bytes. The message is kept without it.",
        "part-broken": "The attachment {name} cannot be decoded. The message is kept without it.",
        "parts-too-large": "The attachments have more than {limit} bytes together. Those after it are left out.",
        "part-elsewhere": "The attachments are not in this file. The text is kept without them.",
        "page-unread": "The page {name} cannot be read, or is too large.",
        "no-message": "This is a reaction or a note of the system, not a message.",
        "message-empty": "The message has no text and no attachment.",
        "message-address": "A message has an address: a number or a name.",
        "message-date": "The date is out of range.",
        "message-people": "The conversation has too many people, or one without an address.",
        "message-too-large": "The message is too long.",
        "message-parts": "The message has too many attachments.",
        "record-too-large": "The message is too long.",
        "call-date": "The date of the call is out of range.",
        "call-duration": "The duration of the call is no number of seconds.",
        "call-too-large": "The call's number or name is too long.",
        "refused": "It could not be kept: {detail}",
    },
    zh={
        "line-too-long": "这一行超过 {limit} 字节。",
        "no-object": "这一行不是 JSON 对象。",
        "no-texts": "address 和 body 必须是文本。",
        "no-date": "date_ms 必须是整数毫秒。",
        "no-contact": "contact 必须是文本。",
        "no-direction": "direction 必须是 in 或 out，read 必须是 true 或 false。",
        "field-form": "{field} 的格式不对。",
        "not-unicode": "文本含有无效的 Unicode 字符。",
        "value-too-long": "信息太长了。",
        "attribute-missing": "缺少属性 {name}。",
        "date-strange": "日期 {value} 不是毫秒数。",
        "type-unknown": "无法识别的类型 {value}。",
        "part-too-large": "附件 {name} 超过 {limit} 字节，信息已保留，但不含该附件。",
        "part-broken": "附件 {name} 无法解码，信息已保留，但不含该附件。",
        "parts-too-large": "附件合计超过 {limit} 字节，信息已保留，但不含其余附件。",
        "part-elsewhere": "附件不在此文件中，文字已保留。",
        "page-unread": "页面 {name} 无法读取，或过大。",
        "no-message": "这是回应或系统提示，不是信息。",
        "message-empty": "信息没有文字，也没有附件。",
        "message-address": "信息必须有号码或名称。",
        "message-date": "日期超出范围。",
        "message-people": "会话人数太多，或有人没有号码。",
        "message-too-large": "信息太长了。",
        "message-parts": "信息的附件太多。",
        "record-too-large": "信息太长了。",
        "call-date": "通话的日期超出范围。",
        "call-duration": "通话时长不是秒数。",
        "call-too-large": "通话的号码或姓名太长。",
        "refused": "无法保存：{detail}",
    },
)


def language_of(text: str | None) -> str:
    """A language of the catalogue for what a request asks for, such as `zh-CN`; English where there is none."""
    short = (text or "").lower().split("-")[0].split("_")[0]
    return short if short in LANGUAGES else "en"


def sentence(code: str, values: Mapping[str, Any], language: str) -> str:
    return TEXTS.text(code, language, **values)


def of_error(error: PileusError) -> tuple[str, dict[str, Any]]:
    """The catalogue's code and values for a refusal of the journal."""
    return (error.code, {}) if error.code in TEXTS else ("refused", {"detail": error.detail or error.code})
