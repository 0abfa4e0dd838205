"""What `pileus account log` prints: what happened to an account, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pileus.cli import files
from pileus.cli.here import Data, Whose, database
from pileus.core.catalogue import Catalogue

TEXTS = Catalogue(
    en={
        "account-made": "account made",
        "signed-in": "signed in",
        "sign-in-refused": "sign-in with a wrong password",
        "signed-out": "signed out",
        "device-signed-out": "signed {about} out",
        "device-renamed": "device renamed: {about}",
        "password-changed": "password changed",
        "password-refused": "wrong present password",
        "password-set": "password set by whoever runs the cloud",
        "recovery-codes-made": "new recovery codes made",
        "recovered": "password set by a recovery code",
        "recovery-refused": "wrong recovery code",
        "passkey-added": "passkey added: {about}",
        "passkey-renamed": "passkey renamed: {about}",
        "passkey-removed": "passkey removed: {about}",
        "passkey-signed-in": "signed in with the passkey {about}",
        "passkey-refused": "passkey refused",
        "app-password-made": "app password made: {about}",
        "app-password-removed": "app password removed: {about}",
        "app-password-refused": "wrong app password",
        "device-rung": "had {about} ring",
        "device-locate-asked": "asked {about} where it is",
        "device-locked": "locked {about}",
        "device-unlocked": "unlocked by the password",
        "device-wipe-asked": "{about} signed out and to be erased",
        "device-wipe-told": "told to erase what it has kept",
        "place-key-set": "passphrase for places chosen",
        "vault-made": "vault made",
        "vault-opened": "device holds the vault's key",
        "vault-code-made": "new recovery code of the vault",
        "vault-begun-anew": "vault started over, its content deleted for good",
        "pairing-made": "code for a new device shown",
        "pairing-allowed": "new device let in: {about}",
        "pairing-denied": "new device kept out: {about}",
        "device-paired": "signed in by a code from {about}",
        "family-invited": "asked {about} to be a parent",
        "family-joined": "joined the family: {about}",
        "family-left": "left the family: {about}",
        "family-child-made": "child added: {about}",
        "family-room-set": "room of a child set: {about}",
        "family-code-made": "code for a new password made by a parent: {about}",
        "invitation-made": "invitation made: {about}",
        "invitation-removed": "invitation taken back: {about}",
        "invitation-used": "{about} joined by an invitation",
        "made-owner": "made an owner of this cloud",
        "made-member": "made a member",
        "quota-set": "room set: {about}",
        "disabled": "account shut",
        "enabled": "account opened again",
        "deletion-asked": "account given up",
        "deletion-undone": "account kept by signing in",
        "exported": "everything downloaded",
        "share-made": "shared: {about}",
        "share-ended": "no longer shared: {about}",
        "trash-emptied": "trash emptied",
        "version-deleted": "earlier content deleted: {about}",
        "backups-forgotten": "backups forgotten: {about}",
        "phone-restored": "restored from a backup: {about} items",
        "app-installed": "app installed: {about}",
        "app-removed": "app removed: {about}",
        "times": "{what} ({times} times)",
        "nothing": "Nothing happened yet.",
    },
    zh={
        "account-made": "创建了账户",
        "signed-in": "登录",
        "sign-in-refused": "登录密码错误",
        "signed-out": "退出登录",
        "device-signed-out": "使 {about} 退出登录",
        "device-renamed": "重命名设备：{about}",
        "password-changed": "更改了密码",
        "password-refused": "当前密码输入错误",
        "password-set": "云端管理者设置了密码",
        "recovery-codes-made": "生成了新的恢复码",
        "recovered": "使用恢复码重设了密码",
        "recovery-refused": "恢复码错误",
        "passkey-added": "添加了通行密钥：{about}",
        "passkey-renamed": "重命名通行密钥：{about}",
        "passkey-removed": "移除了通行密钥：{about}",
        "passkey-signed-in": "使用通行密钥 {about} 登录",
        "passkey-refused": "通行密钥未通过验证",
        "app-password-made": "创建了应用密码：{about}",
        "app-password-removed": "移除了应用密码：{about}",
        "app-password-refused": "应用密码错误",
        "device-rung": "让 {about} 响铃",
        "device-locate-asked": "查询 {about} 的位置",
        "device-locked": "锁定了 {about}",
        "device-unlocked": "使用密码解除了锁定",
        "device-wipe-asked": "使 {about} 退出登录并清除数据",
        "device-wipe-told": "已通知设备清除数据",
        "place-key-set": "设置了位置口令",
        "vault-made": "创建了保险箱",
        "vault-opened": "设备获得了保险箱密钥",
        "vault-code-made": "更换了保险箱恢复码",
        "vault-begun-anew": "清空了保险箱并重新开始，原有内容已彻底删除",
        "pairing-made": "显示了新设备的配对码",
        "pairing-allowed": "允许新设备登录：{about}",
        "pairing-denied": "拒绝新设备登录：{about}",
        "device-paired": "通过 {about} 的配对码登录",
        "family-invited": "邀请 {about} 成为家长",
        "family-joined": "加入家庭：{about}",
        "family-left": "离开家庭：{about}",
        "family-child-made": "添加孩子：{about}",
        "family-room-set": "设置孩子的空间：{about}",
        "family-code-made": "家长创建了恢复码：{about}",
        "invitation-made": "创建了邀请：{about}",
        "invitation-removed": "撤回了邀请：{about}",
        "invitation-used": "{about} 通过邀请加入",
        "made-owner": "成为云端所有者",
        "made-member": "成为普通成员",
        "quota-set": "存储空间设为 {about}",
        "disabled": "账户被停用",
        "enabled": "账户重新启用",
        "deletion-asked": "申请删除账户",
        "deletion-undone": "登录后保留了账户",
        "exported": "下载了全部数据",
        "share-made": "共享了：{about}",
        "share-ended": "停止共享：{about}",
        "trash-emptied": "清空了回收站",
        "version-deleted": "删除了历史版本：{about}",
        "backups-forgotten": "删除了备份：{about} 份",
        "phone-restored": "从备份恢复了 {about} 项",
        "app-installed": "安装了应用：{about}",
        "app-removed": "移除了应用：{about}",
        "times": "{what}（{times} 次）",
        "nothing": "还没有任何活动。",
    },
)


def command_log(
    name: Whose = "",
    limit: Annotated[int, typer.Option(help="How many entries at most.", min=1, max=200)] = 50,
    data: Data = None,
) -> None:
    """What happened to an account: sign-ins, refused tries, devices, passwords."""
    from rich.table import Table

    found = _of_folder(name, limit, data) if name else _of_cloud(limit)
    if not found:
        print(TEXTS.text("nothing"))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in found:
        table.add_row(files.moment(one["at_ms"]), sentence(one), one["device"], one["address"])
    files.show(table)


def sentence(entry: Mapping[str, Any], language: str | None = None) -> str:
    """An entry in words; an event of a newer cloud by its code."""
    if entry["event"] not in TEXTS:
        return str(entry["event"])
    what = TEXTS.text(entry["event"], language, about=entry["about"])
    return what if entry["times"] == 1 else TEXTS.text("times", language, what=what, times=entry["times"])


def _of_cloud(limit: int) -> list[Any]:
    from pileus.sdk.client import Client

    with Client.from_config() as client:
        return list(client.get("/account/log", {"limit": limit})["entries"])


def _of_folder(name: str, limit: int, data: Path | None) -> list[Any]:
    from pileus.cloud.kernel.accounts import log, rows

    with database(data) as (_, db):
        found = db.read(lambda conn: log.entries(conn, rows.named(conn, name).id, limit=limit))
    return [asdict(one) | asdict(one.source) for one in found]
