"""The AT commands that the modem understands, by name: each gives the lines that come before its OK.

One module a domain; `command` enters a function for one or more names, and all modules here are loaded.
"""

from __future__ import annotations

import importlib
import pkgutil

from pileus.carrier.commands.table import COMMANDS

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["COMMANDS"]
