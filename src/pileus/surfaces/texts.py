"""The sentences that the supervisor puts into an app's window, in English and Chinese, by code. Those of `gap-…`
an engine shows itself, in the place of what an app needs and has not."""

from __future__ import annotations

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "ticket-unknown": "This ticket is not known. Open the app again.",
        "ticket-used": "This ticket has already been used. Open the app again.",
        "ticket-expired": "This ticket has expired. Open the app again.",
        "ticket-wrong-device": "This ticket was made for another device.",
        "ticket-missing": "A ticket is needed to see an app.",
        "signed-out": "This device was signed out.",
        "taken-over": "This app is now on {device}.",
        "session-ended": "The app has ended.",
        "app-closed": "The app was closed.",
        "app-crashed": "{label} stopped unexpectedly.",
        "state-dropped": "{label} could not be brought back as it was left, and starts anew.",
        "app-killed": "{label} was stopped by the system, probably because it needed too much memory.",
        "app-memory": "{label} needed more memory than an app may have, and was ended.",
        "app-processes": "{label} started more processes or threads than an app may have, and was ended.",
        "app-windows": "{label} opened more windows than an app may have, and was ended.",
        "app-disk": "{label} filled the space that an app may have, and was ended.",
        "app-busy": "{label} kept the processor busy without rest, and was ended.",
        "app-unwatched": "What {label} takes of the machine could not be measured any more, so it was ended.",
        "app-not-responding": "{label} isn't responding.",
        "encoder-failed": "The picture of {label} could not be sent any more. Open it again.",
        "app-not-started": "{label} could not be started.",
        "app-silent": "{label} did not answer in time.",
        "server-stopping": "Your cloud is stopping. It will be back soon.",
        "protocol-error": "This device sent something that could not be understood.",
        "hello-late": "This device did not say who it is in time.",
        "version": "This device speaks another version. Reload the page.",
        "too-slow": "The connection is too slow for pictures at the moment.",
        "no-codec": "This device can show none of the picture formats.",
        "gap-opengl": "This part needs OpenGL, which Pileus does not have yet.",
        "gap-web": "This part is a web page inside the app (WebView), which Pileus does not have yet.",
        "gap-video": "This part shows a video, which Pileus does not have yet.",
        "gap-camera": "This part needs a camera, which Pileus does not have yet.",
        "gap-surface": "This part is drawn in a way that Pileus does not have yet.",
        "gap-sound": "Pileus does not play sound yet.",
    },
    "zh": {
        "ticket-unknown": "无法识别此凭证，请重新打开应用。",
        "ticket-used": "此凭证已被使用，请重新打开应用。",
        "ticket-expired": "此凭证已过期，请重新打开应用。",
        "ticket-wrong-device": "此凭证属于另一台设备。",
        "ticket-missing": "查看应用需要凭证。",
        "signed-out": "此设备已退出登录。",
        "taken-over": "此应用现在在 {device} 上。",
        "session-ended": "应用已结束。",
        "app-closed": "应用已关闭。",
        "app-crashed": "{label} 意外停止。",
        "state-dropped": "无法恢复 {label} 离开时的状态，已重新启动。",
        "app-killed": "{label} 被系统停止，可能是内存不足。",
        "app-memory": "{label} 占用的内存超出应用上限，已被结束。",
        "app-processes": "{label} 启动的进程或线程超出应用上限，已被结束。",
        "app-windows": "{label} 打开的窗口超出应用上限，已被结束。",
        "app-disk": "{label} 占满了应用可用的存储空间，已被结束。",
        "app-busy": "{label} 长时间占用处理器，已被结束。",
        "app-unwatched": "无法再测量 {label} 占用的资源，已将其结束。",
        "app-not-responding": "{label} 没有响应。",
        "encoder-failed": "无法继续传送 {label} 的画面，请重新打开。",
        "app-not-started": "无法启动 {label}。",
        "app-silent": "{label} 没有及时响应。",
        "server-stopping": "你的云端正在停止，很快就会恢复。",
        "protocol-error": "此设备发送了无法理解的内容。",
        "hello-late": "此设备没有及时表明身份。",
        "version": "此设备使用了不同的版本，请刷新页面。",
        "too-slow": "当前网络太慢，无法显示画面。",
        "no-codec": "此设备不支持任何可用的画面格式。",
        "gap-opengl": "这部分需要 OpenGL，Pileus 暂不支持。",
        "gap-web": "这部分是应用内的网页（WebView），Pileus 暂不支持。",
        "gap-video": "这部分会播放视频，Pileus 暂不支持。",
        "gap-camera": "这部分需要摄像头，Pileus 暂不支持。",
        "gap-surface": "这部分的绘制方式 Pileus 暂不支持。",
        "gap-sound": "Pileus 暂时不能播放声音。",
    },
}


def sentence(code: str, locale: str = "en", **values: str) -> str:
    """The sentence for a code in the language of a locale; unknown codes give an empty one."""
    return TEXTS[language(locale)].get(code, "").format(**values)


def language(locale: str) -> str:
    """`zh` or `en`, whichever of the two a locale is nearer to."""
    return "zh" if locale.lower().startswith("zh") else "en"


def of(beginning: str) -> dict[str, dict[str, str]]:
    """The sentences whose codes begin so, by language."""
    return {
        language: {code: text for code, text in known.items() if code.startswith(beginning)}
        for language, known in TEXTS.items()
    }
