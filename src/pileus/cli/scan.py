"""QR codes in a terminal."""

from __future__ import annotations

import sys


def show(url: str) -> None:
    """Draws an address for the camera of a phone."""
    import qrcode

    code = qrcode.QRCode(border=2)
    code.add_data(url)
    code.print_ascii(invert=True)
    sys.stdout.flush()
