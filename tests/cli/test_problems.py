"""What goes wrong in the cloud is told in the terminal's language."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pileus.cli.problems import TEXTS, sentence, system_sentence
from pileus.core.errors import NotFound, PileusError, Unauthorized, Unavailable
from pileus.surfaces.engines.android.archive import Archive, BadApk

ROOT = Path(__file__).resolve().parents[2]


def phone_words(language: str) -> dict[str, str]:
    """The phone's own sentences by problem code."""
    words = json.loads((ROOT / f"web/kit/src/i18n/{language}.json").read_text(encoding="utf-8"))
    return {key.removeprefix("problem."): text for key, text in words.items() if key.startswith("problem.")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_phone_and_terminal_say_the_same(language: str) -> None:
    words = phone_words(language)
    shared = [code for code in words if code in TEXTS]
    assert len(shared) > 25
    assert {code: TEXTS.text(code, language) for code in shared} == {code: words[code] for code in shared}


def test_a_file_that_is_no_package_has_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "notes.apk"
    file.write_text("milk")
    with pytest.raises(BadApk) as failure:
        Archive(file)
    assert failure.value.code == "not-an-apk"
    assert sentence(failure.value, "en") == phone_words("en")["not-an-apk"]
    assert sentence(failure.value, "zh") == phone_words("zh")["not-an-apk"]


def test_known_codes_are_told_in_chinese_and_others_as_they_came() -> None:
    full = PileusError("storage-full", "The cloud's disk is full.", status=507)
    assert sentence(full, "zh") == "云端的磁盘已满，需要由管理者腾出空间。"
    assert sentence(Unavailable(detail="…", server="http://x"), "zh") == "http://x 没有回应，请检查地址和网络。"
    assert sentence(NotFound("no-such-code", "It is gone."), "zh") == "It is gone."
    assert sentence(NotFound("no-such-code"), "zh") == "no-such-code"
    assert sentence(PileusError("quota-exceeded", "7 more bytes do not fit."), "en") == "7 more bytes do not fit."
    assert sentence(PileusError("quota-exceeded"), "en") == TEXTS.text("quota-exceeded", "en")


def test_what_the_system_refuses_is_said_in_words() -> None:
    gone = FileNotFoundError(errno.ENOENT, "No such file or directory", "tea.txt")
    assert system_sentence(gone, "en") == "tea.txt is not there."
    assert system_sentence(gone, "zh") == "tea.txt 不存在。"
    assert (
        system_sentence(OSError(errno.ENOSPC, "No space left on device"), "zh") == "磁盘已满，请先腾出空间再试。"
    )
    assert system_sentence(PermissionError(errno.EACCES, "Permission denied"), "en") == "Permission denied."
    assert system_sentence(OSError(errno.EMFILE, "Too many open files"), "zh") == "Too many open files."


def test_whoever_is_not_signed_in_is_told_the_whole_command() -> None:
    assert "pileus login URL --name NAME" in sentence(Unauthorized("no-token"), "en")
    assert "pileus login 地址 --name 用户名" in sentence(Unauthorized("not-signed-in"), "zh")


def test_a_wrong_password_in_chinese(server: Any, tmp_path: Path) -> None:
    server.account("anna")
    done = subprocess.run(
        [sys.executable, "-m", "pileus.cli.main", "login", server.url, "--name", "anna", "--password-file", "-"],
        env={**os.environ, "LC_ALL": "zh_CN.UTF-8", "PILEUS_CLIENT_CONFIG": str(tmp_path / "client.json")},
        input="not the password\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "用户名或密码不正确。\n")
