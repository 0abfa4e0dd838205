"""Write the generated files again, or check that they are what their sources say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Each takes --write or --check, and exits 1 with a sentence when the file is stale.
GENERATORS: tuple[tuple[str, ...], ...] = (
    ("-m", "pileus.cloud.kernel.openapi"),
    ("tools/surface_vectors.py",),
)


def main() -> int:
    mode = "--write" if "--write" in sys.argv[1:] else "--check"
    codes = [
        subprocess.run([sys.executable, *generator, mode], cwd=ROOT, check=False).returncode
        for generator in GENERATORS
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
