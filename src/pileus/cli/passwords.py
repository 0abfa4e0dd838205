"""Passwords that a command asks for: hidden at a terminal, else lines of a file or of standard input."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from pileus.core.catalogue import Catalogue
from pileus.core.errors import Invalid

TEXTS = Catalogue(
    en={
        "password": "Password for {name}: ",
        "present": "Present password: ",
        "new": "New password for {name}: ",
        "code": "Recovery code: ",
        "passphrase": "Passphrase for places: ",
        "vault-code": "The vault's recovery code: ",
        "again": "The same again: ",
        "differ": "The two passwords differ.",
    },
    zh={
        "password": "{name} 的密码：",
        "present": "当前密码：",
        "new": "{name} 的新密码：",
        "code": "恢复码：",
        "passphrase": "位置口令：",
        "vault-code": "保险箱恢复码：",
        "again": "再次输入：",
        "differ": "两次输入的密码不同。",
    },
)

PasswordFile = Annotated[
    Path | None, typer.Option(help="File whose first line is the password; - is standard input.")
]


def asked(name: str, path: Path | None) -> str:
    """The password of an account, asked for once."""
    if at_terminal(path):
        return getpass.getpass(TEXTS.text("password", name=name))
    return lines(path, 1)[0]


def passphrase(path: Path | None) -> str:
    """The one for places."""
    return getpass.getpass(TEXTS.text("passphrase")) if at_terminal(path) else lines(path, 1)[0]


def chosen(name: str, path: Path | None, prompt: str = "password") -> str:
    """A password that is to be set: at a terminal asked for twice; raises `Invalid` where the two differ."""
    if at_terminal(path):
        first = getpass.getpass(TEXTS.text(prompt, name=name))
        if first != getpass.getpass(TEXTS.text("again")):
            raise Invalid("password", TEXTS.text("differ"))
        return first
    return lines(path, 1)[0]


def changed(name: str, path: Path | None) -> tuple[str, str]:
    """The present password and the one to be: in a file its first two lines."""
    if at_terminal(path):
        return getpass.getpass(TEXTS.text("present")), chosen(name, path, "new")
    present, new = lines(path, 2)
    return present, new


def recovered(name: str, path: Path | None) -> tuple[str, str]:
    """A recovery code and the password to be: in a file its first two lines."""
    if at_terminal(path):
        return input(TEXTS.text("code")), chosen(name, path, "new")
    code, new = lines(path, 2)
    return code, new


def vault_code(path: Path | None) -> str:
    """The vault's recovery code, which is seen while it is typed: it is long."""
    return input(TEXTS.text("vault-code")) if at_terminal(path) else lines(path, 1)[0]


def at_terminal(path: Path | None) -> bool:
    return path is None and sys.stdin.isatty()


def lines(path: Path | None, count: int) -> list[str]:
    """The first lines of the file; those that it lacks are empty."""
    if path is None or str(path) == "-":
        found = [sys.stdin.readline() for _ in range(count)]
    else:
        found = path.read_text(encoding="utf-8").split("\n")
    return [line.removesuffix("\n").removesuffix("\r") for line in [*found, *[""] * count][:count]]
