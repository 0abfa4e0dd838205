"""Why an app does not start or cannot be installed by an engine, in English and Chinese, by code.

The phone has the same sentences (web/kit/src/i18n), and so has the terminal (pileus.cli.problems).
"""

from __future__ import annotations

from pileus.core.catalogue import Catalogue
from pileus.core.errors import PileusError
from pileus.surfaces import texts

EN = {
    "android-jars-missing": "Android apps cannot start: parts of Android are missing. Run `make setup`.",
    "android-missing": "Android apps cannot start: the cloud is not set up for them. `make setup` does it.",
    "java-missing": "Android apps cannot start: the cloud has no Java. `make setup` installs it.",
    "sandbox-no-bubblewrap": (
        "Android apps cannot start: the cloud has no bubblewrap to shut them off from it. Install it."
    ),
    "sandbox-no-unshare": "Android apps cannot start: the cloud has no unshare (util-linux). Install it.",
    "sandbox-no-user": (
        "Android apps cannot start: the cloud has no user to give them, and may make no user namespaces."
    ),
    "sandbox-no-filter": (
        "Android apps cannot start: the cloud's kernel cannot filter system calls (seccomp) on its processor."
    ),
    "sandbox-unavailable": (
        "Android apps cannot start: they could not be shut off from the cloud. Its log says why."
    ),
    "sandbox-unreadable": "Android apps may not read the cloud's own files. Its log says what to do.",
    "host-failed": "Android could not be started in the cloud. Try again in a moment; the cloud's log says why.",
    "android-system": "The account's Android system does not answer. Try again in a moment.",
    "app-data": "The app's folder in the cloud cannot be used. The cloud's log says why.",
    "app-changed": "The app was removed or updated while it started. Open it again.",
    "no-network": "The app's way to the network could not be opened. Try again in a moment.",
    "package-missing": "The app's package is gone. Install it again.",
    "engine-unknown": "This phone cannot run that app.",
    "apk-needs-newer-android": "The app needs a newer Android than this cloud has.",
}
ZH = {
    "android-jars-missing": "无法启动 Android 应用：缺少部分 Android 组件。请运行 make setup。",
    "android-missing": "无法启动 Android 应用：云端尚未为此做好准备。运行 make setup 即可。",
    "java-missing": "无法启动 Android 应用：云端没有 Java。运行 make setup 即可安装。",
    "sandbox-no-bubblewrap": "无法启动 Android 应用：云端没有用于隔离应用的 bubblewrap，请先安装。",
    "sandbox-no-unshare": "无法启动 Android 应用：云端没有 unshare（util-linux），请先安装。",
    "sandbox-no-user": "无法启动 Android 应用：云端没有可分配的独立用户，也不能创建用户命名空间。",
    "sandbox-no-filter": "无法启动 Android 应用：云端内核无法在其处理器上过滤系统调用（seccomp）。",
    "sandbox-unavailable": "无法启动 Android 应用：未能将其与云端隔离，云端日志中写明了原因。",
    "sandbox-unreadable": "Android 应用无权读取云端自身的文件，日志中写明了解决办法。",
    "host-failed": "云端未能启动 Android，请稍后重试；云端日志中写明了原因。",
    "android-system": "账户的 Android 系统没有响应，请稍后重试。",
    "app-data": "无法使用应用在云端的文件夹，云端日志中写明了原因。",
    "app-changed": "应用在启动时被移除或更新，请重新打开。",
    "no-network": "未能为应用接通网络，请稍后重试。",
    "package-missing": "应用的安装包已丢失，请重新安装。",
    "engine-unknown": "这部手机无法运行该应用。",
    "apk-needs-newer-android": "该应用需要更新版本的 Android，云端暂不支持。",
}
_TEXTS = Catalogue(EN, ZH)


def sentence(error: PileusError, locale: str, label: str) -> str:
    """Why the app `label` does not start, in the language of a locale. In English the error's own words, which
    say more than its code does; a code without a sentence says only that it does not start."""
    language = texts.language(locale)
    if language == "en" and error.detail:
        return error.detail
    if error.code in _TEXTS:
        return _TEXTS.text(error.code, language)
    return texts.sentence("app-not-started", locale, label=label)
