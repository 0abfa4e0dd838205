"""`pileus account` beside a running server."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile


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
    assert pileus(settings, "account", "list").stdout == "anna  0 B of 500 MB  owner\n"
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


def own(settings, tmp_path, *arguments, stdin=""):
    """`pileus` of somebody who signed in."""
    env = {
        **os.environ,
        **settings.as_env(),
        "LC_ALL": "C.UTF-8",
        "PILEUS_CLIENT_CONFIG": str(tmp_path / "c.json"),
    }
    command = [sys.executable, "-m", "pileus.cli.main", *arguments]
    done = subprocess.run(command, env=env, input=stdin, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_own_password_devices_and_log(server, tmp_path):
    settings = server.cloud.settings
    server.account("anna", "Pixel")

    def pileus(*words, stdin=""):
        return own(settings, tmp_path, *words, stdin=stdin)

    assert pileus("login", server.url, "--name", "anna", "--password-file", "-", stdin="correct horse\n")[0] == 0
    code, listed = pileus("devices", "list")
    assert (code, listed.count("Pixel"), listed.count("this command line")) == (0, 1, 1)
    assert pileus("devices", "rename", "Pixel", "Kitchen") == (0, "It is named Kitchen now.\n")
    assert pileus("devices", "rename", "Pixel", "Hall")[0] == 1
    wrong = pileus("account", "password", stdin="not this\nbattery staple\n")
    assert wrong == (1, "This is not the present password.\n")
    told = pileus("account", "password", "--keep-devices", stdin="correct horse\nbattery staple\n")
    assert told == (0, "The password was changed.\n")
    assert pileus("devices", "sign-out", "Kitchen") == (0, "Kitchen was signed out.\n")
    _, log = pileus("account", "log")
    for what in (
        "signed Kitchen out",
        "password changed",
        "wrong present password",
        "Pixel → Kitchen",
        "127.0.0.1",
    ):
        assert what in log
    assert pileus("account", "log", "anna") == (0, log)


def test_whoever_runs_the_cloud_sets_a_forgotten_password(server, tmp_path):
    settings = server.cloud.settings
    session = server.account("anna", "Pixel")
    made = pileus(settings, "account", "password", "anna", "--password-file", "-", stdin="battery staple\n")
    assert made.stdout == (
        "The password of anna was set; its devices were signed out, its passkeys and app passwords removed.\n"
    )
    with server.client(session["token"]) as client:
        assert client.get("/account").status_code == 401
    words = ("login", server.url, "--name", "anna", "--password-file", "-")
    assert own(settings, tmp_path, *words, stdin="battery staple\n")[0] == 0
    assert pileus(settings, "account", "password", "bob", stdin="battery staple\n").returncode == 1
    assert pileus(settings, "account", "password", "anna", stdin="short\n").returncode == 1


def test_a_forgotten_password_is_set_by_a_printed_code(server, tmp_path):
    settings = server.cloud.settings
    server.account("anna")
    words = ("login", server.url, "--name", "anna", "--password-file", "-")
    assert own(settings, tmp_path, *words, stdin="correct horse\n")[0] == 0
    code, printed = own(settings, tmp_path, "account", "recovery-codes", stdin="correct horse\n")
    assert (code, len(printed.splitlines())) == (0, 11)
    words = ("recover", server.url, "--name", "anna", "--password-file", "-")
    stdin = f"{printed.splitlines()[4]}\nbattery staple\n"
    told = own(settings, tmp_path, *words, stdin=stdin)
    assert told == (0, "The password of anna is set, and this command line is signed in.\n")
    assert "password set by a recovery code" in own(settings, tmp_path, "account", "log")[1]
    assert own(settings, tmp_path, *words, stdin=stdin) == (1, "The name or the recovery code is wrong.\n")


def test_all_of_an_account_is_downloaded(server, tmp_path):
    settings = server.cloud.settings
    server.account("anna")
    login = ("login", server.url, "--name", "anna", "--password-file", "-")
    assert own(settings, tmp_path, *login, stdin="correct horse\n")[0] == 0
    to = tmp_path / "all.zip"
    assert own(settings, tmp_path, "account", "export", str(to)) == (0, f"{to} was written.\n")
    assert "contacts.vcf" in zipfile.ZipFile(to).namelist()
    assert own(settings, tmp_path, "account", "export", str(to))[0] == 1
    assert [one.name for one in tmp_path.glob("*.part")] == []


def test_an_account_is_given_up_and_kept_by_signing_in(server, tmp_path):
    settings = server.cloud.settings
    server.account("keeper")
    server.account("anna")
    login = ("login", server.url, "--name", "anna", "--password-file", "-")
    assert own(settings, tmp_path, *login, stdin="correct horse\n")[0] == 0
    told = own(settings, tmp_path, "account", "delete", stdin="correct horse\n")
    assert told[0] == 0
    assert told[1].startswith("anna is erased on 20")
    assert own(settings, tmp_path, "account", "log")[0] == 1
    assert own(settings, tmp_path, *login, stdin="correct horse\n")[0] == 0
    assert "account kept by signing in" in own(settings, tmp_path, "account", "log")[1]
    refused = pileus(settings, "account", "delete", "keeper")
    assert (refused.returncode, refused.stderr) == (1, "The account that keeps this cloud is the last to go.\n")


def test_an_app_password_is_made_listed_and_removed(server, tmp_path):
    settings = server.cloud.settings
    server.account("anna")
    login = ("login", server.url, "--name", "anna", "--password-file", "-")
    assert own(settings, tmp_path, *login, stdin="correct horse\n")[0] == 0
    words = ("account", "app-passwords")
    assert own(settings, tmp_path, *words, "list") == (0, "There are no app passwords.\n")
    make = (*words, "make", "rclone", "--scope", "files", "--scope", "notes:read", "--days", "90")
    code, told = own(settings, tmp_path, *make, stdin="correct horse\n")
    secret, what = told.splitlines()
    assert (code, what) == (0, "It is told this once. Programs take it with your account's name, anna.")
    with server.client(secret) as app:
        assert app.get("/files/usage").status_code == 200
    listed = own(settings, tmp_path, *words, "list")[1]
    for part in ("rclone", "files notes:read", "last used", "until"):
        assert part in listed
    assert secret not in listed
    assert own(settings, tmp_path, *words, "make", "x", "--scope", "files:all", stdin="correct horse\n") == (
        1,
        "A scope is as in files or files:read, not files:all.\n",
    )
    assert own(settings, tmp_path, *words, "make", "x", "--scope", "shell", stdin="correct horse\n")[0] == 1
    assert own(settings, tmp_path, *words, "remove", "mutt")[0] == 1
    assert own(settings, tmp_path, *words, "remove", "rclone") == (0, "rclone is worth nothing any more.\n")
    assert "app password removed: rclone" in own(settings, tmp_path, "account", "log")[1]


def test_a_lost_device_is_asked_located_locked_and_wiped(server, tmp_path):
    from pileus.sdk import place

    settings = server.cloud.settings
    lost = server.account("anna", "Pixel")
    (tmp_path / "phrase").write_text("heron at dawn by the lake\n")

    def pileus(*words, stdin=""):
        return own(settings, tmp_path, *words, stdin=stdin)

    assert pileus("login", server.url, "--name", "anna", "--password-file", "-", stdin="correct horse\n")[0] == 0
    assert pileus("account", "devices", "ring", "Pixel") == (0, "Pixel rings as soon as it hears of it.\n")
    assert pileus("devices", "locate", "Pixel") == (1, "Choose a passphrase for places first.\n")
    key = place.new_key("heron at dawn by the lake")
    with server.client(lost["token"]) as there:
        assert there.put("/finding/key", json={"present": "correct horse", **key}).status_code == 204
        assert pileus("devices", "locate", "Pixel")[0] == 0
        assert pileus("devices", "place", "Pixel") == (0, "Pixel has not said where it is.\n")
        here = {"lat": 30.2431, "lon": 120.15, "accuracy": 12.4, "at_ms": 1_700_000_000_000}
        assert there.put("/finding/place", json={"sealed": place.sealed(here, key["public"])}).status_code == 204
        phrase = ("--passphrase-file", str(tmp_path / "phrase"))
        code, told = pileus("devices", "place", "Pixel", *phrase)
        assert (code, told.startswith("Pixel: 30.24310, 120.15000 (within 12 m), ")) == (0, True)
        wrong = pileus("devices", "place", "Pixel", "--passphrase-file", "-", stdin="no\n")
        assert wrong == (1, "That is not the passphrase for places.\n")
        assert pileus("devices", "lock", "Pixel")[0] == 0
        assert there.get("/account").json()["code"] == "device-locked"
        assert pileus("devices", "wipe", "Pixel", "--password-file", "-", stdin="no\n")[0] == 1
        assert pileus("devices", "wipe", "Pixel", "--password-file", "-", stdin="correct horse\n")[0] == 0
        assert there.get("/account").json()["code"] == "device-wiped"
    _, log = pileus("account", "log")
    for what in ("had Pixel ring", "locked Pixel", "Pixel signed out and to be erased", "told to erase"):
        assert what in log


def test_somebody_is_invited_by_an_owner_and_by_whoever_runs_the_cloud(server, tmp_path):
    settings = server.cloud.settings
    server.account("anna")
    login = ("login", server.url, "--name", "anna", "--password-file", "-")
    assert own(settings, tmp_path, *login, stdin="correct horse\n")[0] == 0
    invite = ("account", "invite", "Grandma", "--quota", "0.5")
    data = ("--data", str(settings.data_dir))
    for number, words in enumerate((invite, (*invite, *data))):
        code, told = own(settings, tmp_path, *words)
        assert code == 0, told
        link, until = told.splitlines()
        assert until.startswith("Whoever opens it first makes an account by it, until 20")
        origin, _, secret = link.partition("/#invite=")
        assert origin == (settings.shell_origins[0] if number else server.url)
        wish = {"secret": secret, "name": f"mei {number}", "password": "correct horse"}
        with server.client() as anyone:
            assert anyone.post("/invited/account", json=wish).json()["account"]["quota_bytes"] == 500_000_000
    assert own(settings, tmp_path, *invite, "--role", "king") == (1, "A role is owner or member.\n")
    assert own(settings, tmp_path, "account", "invite", "x", "--quota", "much")[0] == 1
    owner = own(settings, tmp_path, *invite, "--role", "owner", stdin="not this\n")
    assert owner == (1, "This is not the present password.\n")
    assert own(settings, tmp_path, *invite, "--role", "owner", stdin="correct horse\n")[0] == 0


def test_roles_and_shut_accounts(server, tmp_path):
    settings = server.cloud.settings
    server.account("anna")
    token = server.account("bob")["token"]

    def told(*words):
        done = pileus(settings, "account", *words)
        return done.returncode, done.stdout + done.stderr

    assert told("role", "bob", "owner") == (0, "bob is an owner of this cloud now.\n")
    assert told("role", "bob", "member") == (0, "bob is a member now.\n")
    assert told("role", "anna", "member") == (1, "The account that keeps this cloud stays an owner.\n")
    assert told("disable", "bob")[0] == 0
    assert told("list")[1].splitlines()[1].endswith("GB  shut")
    with server.client(token) as client:
        assert client.get("/account").status_code == 401
    login = ("login", server.url, "--name", "bob", "--password-file", "-")
    shut = own(settings, tmp_path, *login, stdin="correct horse\n")
    assert shut == (1, "An owner of this cloud shut this account.\n")
    assert told("enable", "bob") == (0, "bob can sign in again.\n")
    assert own(settings, tmp_path, *login, stdin="correct horse\n")[0] == 0
    assert "account shut" in told("log", "bob")[1]
