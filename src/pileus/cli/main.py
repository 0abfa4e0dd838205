"""`pileus`: every module beside this one that has `app` (a Typer) or `command` (a function) is a command."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from pathlib import Path

import typer

from pileus.cli.problems import sentence, system_sentence
from pileus.core.errors import PileusError

PACKAGE = "pileus.cli"


def main() -> None:
    """The entry point: known errors, and what the system refuses, are one sentence and exit status 1."""
    try:
        build(sys.argv[1] if len(sys.argv) > 1 else None)()
    except PileusError as error:
        print(sentence(error), file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # whoever read the output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        print(system_sentence(error), file=sys.stderr)
        sys.exit(1)


def build(first: str | None = None) -> typer.Typer:
    """The command tree; only the named command's module is imported where it is one."""
    tree = typer.Typer(
        name="pileus",
        help="An operating system for phones whose home is its cloud.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @tree.callback()
    def _root() -> None:
        """Keeps commands named even where there is only one."""

    names = [one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]) if one.name != "main"]
    chosen = [name for name in names if name.replace("_", "-") == first] or names
    for name in chosen:
        module = importlib.import_module(f"{PACKAGE}.{name}")
        if hasattr(module, "app"):
            tree.add_typer(module.app, name=name.replace("_", "-"))
        elif hasattr(module, "command"):
            tree.command(name.replace("_", "-"))(module.command)
    return tree


if __name__ == "__main__":
    main()
