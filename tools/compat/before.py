"""What the page says already: of packages that this run did not try it goes on saying that."""

from __future__ import annotations

HEADING = "## "
PACKAGES, REFUSED = "All packages", "Refused"


class Before:
    """The page as it was written before; an empty text says nothing."""

    def __init__(self, text: str = "") -> None:
        parts = ("\n" + text).split("\n" + HEADING)[1:]
        self._parts = {part.partition("\n")[0]: HEADING + part.rstrip("\n") + "\n" for part in parts}

    def row(self, name: str) -> str | None:
        """A package's line in the table of all packages."""
        return self._line(PACKAGES, name)

    def refusal(self, name: str) -> str | None:
        """Its line among those that are not taken."""
        return self._line(REFUSED, name)

    def section(self, name: str) -> str | None:
        """All that is said of it; its heading may give the label too."""
        found = [part for title, part in self._parts.items() if title == name or title.startswith(f"{name} (")]
        return found[0] if found else None

    def _line(self, title: str, name: str) -> str | None:
        lines = self._parts.get(title, "").splitlines()
        return next((line for line in lines if line.startswith(f"| {name} | ")), None)
