"""What went wrong, for whoever types: the cloud says it in English, a terminal may speak another language.

Codes that a command raises itself, with words of its own catalogue, are not in here.
"""

from __future__ import annotations

import errno

from pileus.core.catalogue import Catalogue, terminal_language
from pileus.core.errors import PileusError, Unavailable, refused

TEXTS = Catalogue(
    en={
        "account-name": "A name has 1 to 64 visible characters.",
        "name-taken": "That name is taken. Choose another.",
        "password-short": "Use at least 8 characters.",
        "password-long": "That password is too long.",
        "setup-done": "This cloud has its first account already. Sign in.",
        "wrong-password": "The name or the password is not right.",
        "bad-token": "This device is not signed in any more.",
        "quota-exceeded": "Your storage is full. Delete something to make room.",
        "storage-full": "The cloud's disk is full. Whoever runs it has to make room.",
        "store-unavailable": "The cloud's storage does not answer. Try again in a minute.",
        "supervisor-unavailable": "Apps in the cloud cannot start now. Try again in a moment.",
        "unavailable": "The cloud is busy. Try again in a moment.",
        "app-unknown": "That app is no longer installed.",
        "engine-unknown": "This phone cannot run that app.",
        "no-answer": "{server} does not answer.",
        "not-an-apk": "This file is not an Android package.",
        "not-a-package": "This file is not the package of an app.",
        "app-id-taken": "Another app has that name already. Remove that one first.",
        "apk-truncated": "The package is cut off or damaged. Download it again.",
        "apk-malformed": "The package is not made as Android asks for.",
        "apk-endless": "Reading the package took too long.",
        "apk-reader": "The cloud cannot read packages. Whoever runs it finds the reason in its log.",
        "sandbox-unreadable": "Android apps may not read the cloud's own files. Its log says what to do.",
        "apk-resources-malformed": "The package's resources contradict themselves.",
        "apk-zip-bomb": "The package would unpack to far more than it says.",
        "apk-too-large": "A package may have at most 1 GB.",
        "apk-unsigned": "The package is not signed, so its origin cannot be told.",
        "apk-signature-wrong": "The package was changed after it was signed, or badly signed.",
        "apk-signature-unsupported": "The package is signed in a way that is not supported.",
        "apk-signer-changed": (
            "Someone else signed it than what is installed. Remove that app first, if you trust the new one."
        ),
        "apk-downgrade": "A newer version of the app is installed.",
        "apk-no-activities": "The package has no screen to show.",
        "apk-no-code": "The package holds no code. It may be a part of a split package.",
        "apk-not-translated": "The package's code could not be translated.",
        "android-jars-missing": "Android apps cannot start: parts of Android are missing. Run `make setup`.",
        "android-missing": "Android apps cannot start: the cloud is not set up for them. `make setup` does it.",
        "java-missing": "Android apps cannot start: the cloud has no Java. `make setup` installs it.",
        "sign-in-throttled": "Too many tries. Wait a minute, then try again.",
        "no-token": "Sign in first: pileus login URL --name NAME.",
        "not-signed-in": "Sign in first: pileus login URL --name NAME.",
        "no-pileus": "The address answers, but not as a Pileus does.",
        "server-url": "This is not an address such as http://pileus.localhost:8080.",
        "no-account": "There is no such account.",
        "app-built-in": "The app is a part of Pileus and stays.",
        "folder-not-empty": "The folder is not empty: delete what is in it first.",
        "bad-name": "This cannot be a file's name.",
        "too-many-uploads": "Too many uploads are unfinished: finish or give up some.",
        "hash-mismatch": "What arrived is not what was sent: send it again.",
        "import-empty": "The file has no messages.",
        "import-malformed": "The file is damaged or breaks off.",
        "import-element": "A part of the file is too large.",
        "import-too-large": "The file is too large.",
        "import-format": "This is none of the files that can be read.",
        "unknown-region": "This country is not known.",
        "vcard-none": "The file has no contacts: it is not a vCard file.",
        "vcard-file-too-large": "The file is too large: at most 1 GB of contacts are read at once.",
        "no-contact": "There is no such contact.",
        "ical-none": "The file has no events: it is not an iCalendar file.",
        "ical-line": "The file has a line that is too long to be read.",
        "ical-file-too-large": "The file is too large: at most 64 MB of events are read at once.",
        "snapshot-gone": "That snapshot was forgotten meanwhile.",
        "no-snapshot": "There is no such snapshot, or several begin so.",
        "backup-damaged": "A part of the backup is damaged in the cloud. `pileus check` lists what is.",
        "object-swept": "It took too long, and a part was taken away meanwhile. Begin again.",
        "chunk-wrong": "What arrived is not what was sent. Begin again.",
        "no-chunk": "A part of the backup is not in the cloud any more. `pileus check` lists what is missing.",
        "port-taken": "The port cannot be used: end the program that has it, or choose another with --port.",
        "no-cloud-here": "There is no cloud in {folder}; --data names another folder.",
        "file-ENOENT": "{file} is not there.",
        "file-EACCES": "{file} may not be used: ask its owner, or run this as its owner.",
        "file-EPERM": "{file} may not be used: ask its owner, or run this as its owner.",
        "file-EISDIR": "{file} is a folder.",
        "file-ENOTDIR": "{file} is not in a folder.",
        "file-EEXIST": "{file} is there already.",
        "file-EROFS": "{file} cannot be written: its disk is read-only.",
        "file-ENOSPC": "The disk is full: make room and try again.",
        "file-EDQUOT": "The disk is full: make room and try again.",
    },
    zh={
        "account-name": "用户名须为 1 到 64 个可见字符。",
        "name-taken": "这个用户名已被使用，请换一个。",
        "password-short": "请至少使用 8 个字符。",
        "password-long": "密码太长了。",
        "setup-done": "这个云端已有账户，请登录。",
        "wrong-password": "用户名或密码不正确。",
        "bad-token": "本机已退出登录。",
        "quota-exceeded": "存储空间已满，请先删除一些内容。",
        "storage-full": "云端的磁盘已满，需要由管理者腾出空间。",
        "store-unavailable": "云端的存储没有响应，请稍后重试。",
        "supervisor-unavailable": "云端应用暂时无法启动，请稍后重试。",
        "unavailable": "云端正忙，请稍后重试。",
        "app-unknown": "该应用已被卸载。",
        "engine-unknown": "这部手机无法运行该应用。",
        "no-answer": "{server} 没有回应，请检查地址和网络。",
        "not-an-apk": "这个文件不是 Android 安装包。",
        "not-a-package": "这个文件不是应用安装包。",
        "app-id-taken": "已有同名的其他应用，请先将其移除。",
        "apk-truncated": "安装包不完整或已损坏，请重新下载。",
        "apk-malformed": "安装包的格式不符合 Android 的要求。",
        "apk-endless": "读取安装包的时间过长。",
        "apk-reader": "云端无法读取安装包，管理者可在日志中查看原因。",
        "sandbox-unreadable": "Android 应用无权读取云端自身的文件，日志中写明了解决办法。",
        "apk-resources-malformed": "安装包的资源自相矛盾。",
        "apk-zip-bomb": "安装包解压后远超其应有的大小。",
        "apk-too-large": "安装包最大为 1 GB。",
        "apk-unsigned": "安装包没有签名，无法确认来源。",
        "apk-signature-wrong": "安装包在签名后被改动过，或签名有误。",
        "apk-signature-unsupported": "不支持这个安装包的签名方式。",
        "apk-signer-changed": "它的签名者和已安装的不同。如果你信任新的应用，请先移除旧的。",
        "apk-downgrade": "已安装的版本更新。",
        "apk-no-activities": "安装包里没有可显示的界面。",
        "apk-no-code": "安装包里没有代码，可能只是拆分安装包的一部分。",
        "apk-not-translated": "安装包的代码无法转换。",
        "android-jars-missing": "无法启动 Android 应用：缺少部分 Android 组件。请运行 make setup。",
        "android-missing": "无法启动 Android 应用：云端尚未为此做好准备。运行 make setup 即可。",
        "java-missing": "无法启动 Android 应用：云端没有 Java。运行 make setup 即可安装。",
        "sign-in-throttled": "尝试次数过多，请一分钟后再试。",
        "no-token": "请先登录：pileus login 地址 --name 用户名。",
        "not-signed-in": "请先登录：pileus login 地址 --name 用户名。",
        "no-pileus": "这个地址有回应，但不是 Pileus。",
        "server-url": "这不是有效的地址，地址形如 http://pileus.localhost:8080。",
        "no-account": "没有这个账户。",
        "app-built-in": "这个应用是 Pileus 的一部分，不能移除。",
        "folder-not-empty": "文件夹不是空的，请先删除里面的内容。",
        "bad-name": "这个名称不能用作文件名。",
        "too-many-uploads": "未完成的上传太多，请先完成或放弃一些。",
        "hash-mismatch": "收到的内容与发送的不一致，请重新发送。",
        "import-empty": "文件里没有信息。",
        "import-malformed": "文件已损坏或不完整。",
        "import-element": "文件中有一部分太大。",
        "import-too-large": "文件太大。",
        "import-format": "不支持这种文件。",
        "unknown-region": "无法识别这个国家或地区。",
        "vcard-none": "文件里没有联系人：它不是 vCard 文件。",
        "vcard-file-too-large": "文件太大：一次最多读取 1 GB 联系人。",
        "no-contact": "没有这位联系人。",
        "ical-none": "文件里没有日程：它不是 iCalendar 文件。",
        "ical-line": "文件中有一行太长，无法读取。",
        "ical-file-too-large": "文件太大：一次最多读取 64 MB 日程。",
        "snapshot-gone": "该快照已被移除。",
        "no-snapshot": "没有这个快照，或有多个快照以此开头。",
        "backup-damaged": "云端的备份有一部分已损坏，可用 pileus check 查看。",
        "object-swept": "用时太长，其间有一部分已被清除，请重新开始。",
        "chunk-wrong": "收到的内容与发送的不一致，请重新开始。",
        "no-chunk": "备份有一部分已不在云端，可用 pileus check 查看缺少什么。",
        "port-taken": "无法使用该端口：请结束占用它的程序，或用 --port 指定其他端口。",
        "no-cloud-here": "{folder} 中没有云端；可用 --data 指定其他文件夹。",
        "file-ENOENT": "{file} 不存在。",
        "file-EACCES": "无权使用 {file}：请联系其所有者，或以其所有者的身份运行。",
        "file-EPERM": "无权使用 {file}：请联系其所有者，或以其所有者的身份运行。",
        "file-EISDIR": "{file} 是文件夹。",
        "file-ENOTDIR": "{file} 不在文件夹中。",
        "file-EEXIST": "{file} 已经存在。",
        "file-EROFS": "无法写入 {file}：所在磁盘是只读的。",
        "file-ENOSPC": "磁盘已满，请先腾出空间再试。",
        "file-EDQUOT": "磁盘已满，请先腾出空间再试。",
    },
)
NO_ANSWER = "no-answer"


def sentence(error: PileusError, language: str | None = None) -> str:
    """One sentence in the terminal's language where there is one for the code, else the error's own."""
    language = language or terminal_language()
    key = NO_ANSWER if error.code == Unavailable.code and "server" in error.extra else error.code
    # In English the error's own words say more than its code does: sizes, versions, names.
    if key not in TEXTS or (language == "en" and error.detail):
        return error.detail or error.code
    values = {name: error.extra.get(name, "") for name in ("server", "folder")}
    return TEXTS.text(key, language, line=error.extra.get("line", "?"), **values)


def system_sentence(error: OSError, language: str | None = None) -> str:
    """What the system refused, in words where the reason is a common one, else as the system has it."""
    key = f"file-{errno.errorcode.get(error.errno or 0, '')}"
    if key not in TEXTS or (error.filename is None and "{" in TEXTS.text(key, "en", file="{")):
        return refused(error)
    return TEXTS.text(key, language or terminal_language(), file=error.filename)
