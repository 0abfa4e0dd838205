"""`pileus sim`: a simulated carrier on this machine, and scenes that are played at it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from pileus.core.catalogue import Catalogue

if TYPE_CHECKING:
    from pileus.carrier.events import Event
    from pileus.carrier.network import Carrier
    from pileus.carrier.scene import Step

FOLDER = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / "pileus-sim"
FIRST = 447700900001
"""The numbers +44 7700 900000 to 900999 are kept for fiction by Ofcom: nobody has one."""
ECHO, ANSWERS, BUSY, SILENT = (f"+{FIRST + 99 + at}" for at in range(4))
MOST_HANDSETS = 99
SERVER = "http://pileus.localhost:8080"

TEXTS = Catalogue(
    en={
        "runs": "A carrier with {count:phone|phones} runs in {folder}. Ctrl+C ends it.",
        "phone": "  phone      {number}   modem at {socket}",
        "echo": "  sends back {number}   what it is sent, and what is said to it",
        "answers": "  answers    {number}",
        "busy": "  is busy    {number}",
        "silent": "  is silent  {number}",
        "sound": "Calls have sound, by PipeWire: wear headphones, since all phones share one microphone.",
        "no-sound": "Calls are silent: PipeWire does not run for you.",
        "shells": "Open each in a browser profile of its own, and keep the addresses to yourself:",
        "shell": "  {number}   {address}",
        "no-carrier": "No carrier runs in {folder}: start one with `pileus sim`.",
        "there-already": "A carrier runs in {folder} already: end it, or choose another folder with --folder.",
        "cut-off": "The carrier ended before the scene did.",
        "not-ours": "{folder} is somebody else's: choose another folder with --folder.",
        "played": "{count:step was|steps were} played.",
        "puk": "Each card's PUK is {puk}: three wrong PINs, and the phone asks for it.",
        "waits": "waits for “{what}” of {who}, {seconds} s at most",
        "anybody": "anybody",
        "sms-sent": "{who} → {other}  message sent: {detail}",
        "sms-delivered": "{who} → {other}  message delivered",
        "sms-expired": "{who} → {other}  message expired",
        "sms-reported": "{who}  got its delivery report",
        "call-dialled": "{who} → {other}  call dialled",
        "call-rings": "{who} → {other}  it rings",
        "call-answered": "{who} → {other}  call answered",
        "call-held": "{who} → {other}  call held",
        "call-resumed": "{who} → {other}  call taken up again",
        "call-ended": "{who} → {other}  call ended: {detail}",
        "ussd": "{who}  asked the network: {other}",
        "hung-up": "hung up",
        "unreachable": "not reachable",
        "busy-line": "busy",
        "no-answer": "no answer",
        "withheld": "(withheld)",
        "scene-toml": "The scene is no TOML: {field}",
        "scene-step": "Step {step}: nothing is done by the name of “{field}”.",
        "scene-field": "Step {step} has no field “{field}”.",
        "scene-missing": "Step {step} needs the field “{field}”.",
        "scene-value": "Step {step}: the field “{field}” is not what it has to be.",
        "scene-number": "Step {step}: nobody has the number {field}.",
        "scene-no-call": "Step {step}: {field} is in no call.",
        "scene-waited": "Step {step}: “{field}” did not happen in time.",
        "scene-refused": "Step {step}: the modem refuses ({field}).",
    },
    zh={
        "runs": "模拟运营商正在 {folder} 运行，共 {count} 部手机。按 Ctrl+C 结束。",
        "phone": "  手机    {number}   调制解调器 {socket}",
        "echo": "  回发    {number}   收到什么短信、听到什么话就发回什么",
        "answers": "  接听    {number}",
        "busy": "  占线    {number}",
        "silent": "  不接听  {number}",
        "sound": "通话声音经由 PipeWire：请戴上耳机，因为所有手机共用本机的麦克风。",
        "no-sound": "通话没有声音：PipeWire 没有运行。",
        "shells": "请用不同的浏览器配置文件分别打开，并妥善保管这些地址：",
        "shell": "  {number}   {address}",
        "no-carrier": "{folder} 中没有正在运行的模拟运营商：请用 `pileus sim` 启动。",
        "there-already": "{folder} 中已有模拟运营商在运行：请先结束它，或用 --folder 另选文件夹。",
        "not-ours": "{folder} 属于其他用户，请用 --folder 选择其他文件夹。",
        "cut-off": "场景还没演完，模拟运营商就结束了。",
        "played": "已演完 {count} 步。",
        "puk": "每张卡的 PUK 是 {puk}：PIN 输错三次后，手机会要求输入。",
        "waits": "等待 {who} 的“{what}”，最多 {seconds} 秒",
        "anybody": "任何人",
        "sms-sent": "{who} → {other}  短信已发出：{detail}",
        "sms-delivered": "{who} → {other}  短信已送达",
        "sms-expired": "{who} → {other}  短信已过期",
        "sms-reported": "{who}  收到送达报告",
        "call-dialled": "{who} → {other}  正在拨号",
        "call-rings": "{who} → {other}  正在振铃",
        "call-answered": "{who} → {other}  已接听",
        "call-held": "{who} → {other}  通话已保持",
        "call-resumed": "{who} → {other}  通话已恢复",
        "call-ended": "{who} → {other}  通话结束：{detail}",
        "ussd": "{who}  查询网络：{other}",
        "hung-up": "已挂断",
        "unreachable": "无法接通",
        "busy-line": "占线",
        "no-answer": "无人接听",
        "withheld": "（未显示号码）",
        "scene-toml": "场景文件不是有效的 TOML：{field}",
        "scene-step": "第 {step} 步：没有名为“{field}”的操作。",
        "scene-field": "第 {step} 步没有“{field}”字段。",
        "scene-missing": "第 {step} 步缺少“{field}”字段。",
        "scene-value": "第 {step} 步：“{field}”字段的值不正确。",
        "scene-number": "第 {step} 步：没有人使用号码 {field}。",
        "scene-no-call": "第 {step} 步：{field} 没有通话。",
        "scene-waited": "第 {step} 步：“{field}”没有按时发生。",
        "scene-refused": "第 {step} 步：调制解调器拒绝了（{field}）。",
    },
)
_REASONS = {"busy": "busy-line", "hung-up": "hung-up", "unreachable": "unreachable", "no-answer": "no-answer"}

app = typer.Typer(help="A simulated carrier, for phones on this machine.", invoke_without_command=True)


@app.callback()
def run(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where its control socket lies.")] = FOLDER,
    handsets: Annotated[int, typer.Option(min=1, max=MOST_HANDSETS, help="How many phones.")] = 2,
    pin: Annotated[str | None, typer.Option(help="The PIN that each card asks for.")] = None,
    phones: Annotated[
        bool,
        typer.Option("--phones", help="Run a ModemManager and each phone's daemon, too, and tell their shells."),
    ] = False,
    server: Annotated[str, typer.Option(help="The cloud whose shell is the phones'.")] = SERVER,
) -> None:
    """Run a carrier: its phones' modems lie on abstract sockets, where ModemManager finds them."""
    context.obj = folder
    if context.invoked_subcommand is None:
        asyncio.run(_serve(folder, handsets, pin, server.rstrip("/") if phones else ""))


@app.command()
def play(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The scene, a TOML file.", exists=True, dir_okay=False)],
) -> None:
    """Play a scene at the carrier that runs, and say what happens."""
    from pileus.carrier import scene
    from pileus.carrier.control import SOCKET
    from pileus.carrier.control import play as play_steps

    began = time.monotonic()

    def say(sentence: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {sentence}", flush=True)

    def begins(step: Step) -> None:
        if step.do == "wait-for":
            who, seconds = step.fields["who"] or TEXTS.text("anybody"), round(step.seconds("within"))
            say(TEXTS.text("waits", what=step.text("what"), who=who, seconds=seconds))

    try:
        steps = scene.read(file.read_text(encoding="utf-8", errors="replace"))
        asyncio.run(play_steps(context.obj / SOCKET, steps, lambda event: say(_sentence(event)), begins))
    except scene.SceneError as wrong:
        _give_up(TEXTS.text(wrong.code, **wrong.extra))
    except (FileNotFoundError, ConnectionRefusedError):
        _give_up(TEXTS.text("no-carrier", folder=context.obj))
    except ConnectionError:
        _give_up(TEXTS.text("cut-off"))
    print(TEXTS.text("played", count=len(steps)))


async def _serve(folder: Path, handsets: int, pin: str | None, server: str) -> None:
    """`server`: where the phones' shells are; empty for modems alone."""
    from pileus.carrier.card import Card
    from pileus.carrier.control import control
    from pileus.carrier.line import line
    from pileus.carrier.network import Carrier
    from pileus.carrier.scripted import Manner

    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():  # noqa: ASYNC240 - one inode, at the start
        _give_up(TEXTS.text("not-ours", folder=folder))
    ended = asyncio.Event()
    for end in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(end, ended.set)
    carrier = Carrier()
    carrier.script(ECHO, echo=True)
    for number, manner in ((ANSWERS, Manner.ANSWERS), (BUSY, Manner.BUSY), (SILENT, Manner.SILENT)):
        carrier.script(number, manner)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(control(carrier, folder))
        except FileExistsError:
            _give_up(TEXTS.text("there-already", folder=folder))
        print(TEXTS.text("runs", count=handsets, folder=folder))
        sockets: dict[str, str] = {}
        for at in range(handsets):
            phone = carrier.handset(f"+{FIRST + at}", pin=pin)
            socket = f"abstract:{folder.name}-{at + 1}"
            await stack.enter_async_context(line(phone.modem, socket))
            sockets[phone.number] = socket
            print(TEXTS.text("phone", number=phone.number, socket=socket))
        for key, number in (("echo", ECHO), ("answers", ANSWERS), ("busy", BUSY), ("silent", SILENT)):
            print(TEXTS.text(key, number=number), flush=True)
        if pin:
            print(TEXTS.text("puk", puk=Card.puk), flush=True)
        if server:
            real = await _sound(stack, carrier, sockets)
            await _phones(stack, folder, sockets, server, real)
        await ended.wait()


async def _sound(stack: AsyncExitStack, carrier: Carrier, sockets: dict[str, str]) -> list[str]:
    """Gives these modems sound, where PipeWire runs: the capabilities that need no stand-in then."""
    from pileus.carrier.sound import runs, sound

    names = {number: socket.partition(":")[2] for number, socket in sockets.items()}
    try:
        there = await runs()
        if there:
            await stack.enter_async_context(sound(carrier, names))
    except (OSError, TimeoutError):
        there = False
    print(TEXTS.text("sound" if there else "no-sound"))
    return ["audio"] if there else []


async def _phones(
    stack: AsyncExitStack, folder: Path, sockets: dict[str, str], server: str, real: list[str]
) -> None:
    """A ModemManager and a daemon for each of these modems, by number."""
    from pileus.handset.stage import daemon, stage
    from pileus.handset.token import ensure

    print(TEXTS.text("shells"))
    for at, (number, socket) in enumerate(sockets.items()):
        own = folder / f"phone-{at + 1}"
        token = await asyncio.to_thread(ensure, own)
        one = await stack.enter_async_context(stage(own))  # a bus each: a phone sees no other one's modem
        await one.add(socket.partition(":")[2])
        port = await stack.enter_async_context(daemon(own, one.address, server, *real))
        print(TEXTS.text("shell", number=number, address=f"{server}/#handset={port}.{token}"), flush=True)


def _sentence(event: Event) -> str:
    from pileus.carrier.events import Happening

    detail = event.detail
    if event.kind is Happening.ENDED:
        detail = TEXTS.text(_REASONS[detail]) if detail in _REASONS else detail
    who = event.who or TEXTS.text("withheld")
    return TEXTS.text(event.kind.value, who=who, other=event.other, detail=detail)


def _give_up(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(1)
