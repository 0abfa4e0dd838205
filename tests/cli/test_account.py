"""`pileus account` beside a running server."""

from __future__ import annotations

import os
import subprocess
import sys


def pileus(settings, *arguments, stdin=""):
    env = {**os.environ, **settings.as_env(), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "pileus.cli.main", *arguments]
    return subprocess.run(command, env=env, input=stdin, capture_output=True, text=True, timeout=60)


def test_an_account_made_beside_a_running_server(server):
    settings = server.cloud.settings
    made = pileus(settings, "account", "create", "anna", "--password-file", "-", stdin="correct horse\n")
    assert made.returncode == 0, made.stderr
    assert server.sign_in("anna")["account"]["name"] == "anna"
    again = pileus(settings, "account", "create", "Anna", stdin="correct horse\n")
    assert again.returncode == 1
    assert "already" in again.stderr
    assert "Traceback" not in again.stderr
    assert pileus(settings, "account", "quota", "anna", "0.5").returncode == 0
    assert pileus(settings, "account", "list").stdout == "anna  0 of 0.5 GB\n"
    assert pileus(settings, "account", "quota", "anna", "much").returncode == 1
    assert pileus(settings, "account", "quota", "bob", "1").returncode == 1


def test_looking_makes_no_cloud(settings, tmp_path):
    nowhere = settings.changed(data_dir=tmp_path / "nowhere")
    listed = pileus(nowhere, "account", "list")
    assert (listed.returncode, listed.stdout.count("There is no account in")) == (0, 1)
    for words in (["account", "quota", "anna", "1"], ["android", "ps", "anna"], ["objects", "check"]):
        done = pileus(nowhere, *words)
        told = f"There is no cloud in {nowhere.data_dir}; --data names another folder.\n"
        assert (done.returncode, done.stderr) == (1, told)
    assert not nowhere.data_dir.exists()
