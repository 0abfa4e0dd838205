"""What ApiDemos draws, beside pictures of the same that somebody has looked at and found to be as on a device.

They lie in `pictures/`. Where one differs, what was drawn is kept below `build/screens/android`: whoever finds
that it is right puts it in the golden one's place (lossless WebP), and says below what is to be seen.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pileus.surfaces.engine import Display
from pileus.surfaces.engines.android.probe import Probe, choose

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

GOLDEN = Path(__file__).with_name("pictures")
DISPLAY = Display(480, 800, dpi=240)
TILE = 16
TOLERANCE = 6.0
"""Of 255: the mean difference that a tile may have. Another rounding at edges is less, a missing line is more."""
EDGE = 32
"""Columns at the right that are left out: scroll bars fade there."""
DAILY = {
    "text.Link": "text in bold and plain, broken into lines, with links that are blue and underlined",
    "graphics.Xfermodes": "sixteen squares, in each a yellow circle and a blue square by another mode",
    "view.Controls2": "the old dark theme: buttons, boxes, a spinner, white on black",
    "app.CustomDialogActivity": "a dark red dialog amid black, its title over four centred lines",
}
"""The others are drawn at night."""
OTHERS = {
    "graphics.TextAlign": "text left, right and at the middle of a line, by its letters' places, and along waves",
    "graphics.ShapeDrawable1": "seven shapes below each other: colours, gradients, a torn frame, a rhomb, an arc",
    "graphics.Clipping": "a scene in six clips: whole, without its middle, round, and three times its corner",
    "graphics.Typefaces": "one line in the usual typeface, one in the app's own",
    "view.List1": "a list of cheeses, a thin line between two",
    "view.Grid2": "photographs of dogs in four columns",
    "view.Controls1": "the old light theme: buttons, boxes, a spinner, black on white",
    "view.TableLayout10": "a form: two fields with their names to the right, two buttons",
}
NIGHTLY = pytest.mark.skipif("PILEUS_NIGHTLY" not in os.environ, reason="a night's test")
PICTURES = [*DAILY, *(pytest.param(name, marks=NIGHTLY) for name in OTHERS)]
Draw = Callable[[str], "np.ndarray[Any, Any]"]


@pytest.fixture(scope="module")
def draw(phone: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Draw]:
    """Draws an activity of ApiDemos, its picture settled."""
    with asyncio.Runner() as runner:
        work = Probe(phone.settings(tmp_path_factory.mktemp("pictures")), DISPLAY)
        meta, names = runner.run(work.prepare(phone.APK, lambda _phase, _part: None))

        async def one(name: str) -> np.ndarray[Any, Any]:
            (activity,) = choose(names, name, False)
            async with work.data() as data, work.watched(meta, activity, data) as (watcher, host):
                finding = await watcher.look(host, activity, None)
            assert finding.status == "ok", finding
            assert watcher.picture is not None
            return np.asarray(watcher.picture)

        yield lambda name: runner.run(one(name))
        runner.run(work.close())


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_drawn_as_it_was_seen(name: str, draw: Draw, phone: ModuleType) -> None:
    drawn = draw(name)
    wrong = differing(golden(name), drawn)
    if wrong:
        phone.SCREENS.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn).save(phone.SCREENS / f"{name}.png")
    assert wrong == [], f"tiles (column, row) that differ; it was to show {(DAILY | OTHERS)[name]}"


def test_a_picture_of_each_is_there_and_no_other() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {*DAILY, *OTHERS}


def test_what_is_missing_moved_or_of_another_colour_differs() -> None:
    whole = golden("text.Link")
    assert differing(whole, whole) == []
    noise = np.random.default_rng(1).integers(-3, 4, whole.shape)
    assert differing(whole, np.clip(whole + noise, 0, 255).astype(np.uint8)) == []
    assert len(differing(whole, np.roll(whole, 2, axis=0))) > 100  # two pixels lower
    plain = np.repeat(whole.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    assert len(differing(whole, plain)) > 10  # its links without their colour
    squares = golden("graphics.Xfermodes")
    without = squares.copy()
    without[squares[:, :, 2] > 200, :] = 255  # the blue ones are gone
    assert len(differing(squares, without)) > 10
    assert differing(whole, whole[:-1]) == [(-1, -1)]


def golden(name: str) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(GOLDEN / f"{name}.webp").convert("RGB"))


def differing(wanted: np.ndarray[Any, Any], found: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    """The tiles (column, row) whose mean difference is too large; (-1, -1) where the sizes differ."""
    if wanted.shape != found.shape:
        return [(-1, -1)]
    off = np.abs(wanted.astype(int) - found.astype(int))[:, :-EDGE].max(axis=2)
    rows, columns = off.shape[0] // TILE, off.shape[1] // TILE
    means = off[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE).mean(axis=(1, 3))
    return [(int(column), int(row)) for row, column in np.argwhere(means > TOLERANCE)]
