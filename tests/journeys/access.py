"""What a screen keeps from people who cannot see or touch it: the rules of axe-core (WCAG 2.2 A and AA)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
  const told = (rule, node) => `${rule}: ${node.target.flat().join(' ')}: ${node.failureSummary}`;
  return violations.flatMap(({ id, nodes }) => nodes.map(node => told(id, node)));
}"""


def problems(page: Page, title: str = "") -> list[str]:
    """Of the app whose window has this title, or of the shell's screens; one line a place."""
    frame = page.locator(f"iframe[title='{title}']").element_handle().content_frame() if title else page.main_frame
    assert frame is not None
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    # The bar on top is one button, named by what it does, not by the readings that it is full of.
    return [one for one in frame.evaluate(RUN) if "pl-status-bar" not in one]
