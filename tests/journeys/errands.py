"""The sample apps that have one another do things, on a phone of the journeys."""

from __future__ import annotations

from types import ModuleType

from .conftest import PASSWORD, Phone
from .glass import BAR, Glass

ERRANDS, PARCELS, PIGEONS = "org.example.errands", "org.example.parcels", "org.example.pigeons"
BUTTON = 64
"""Of the sample apps' buttons, in dp."""


def install(phone: Phone, samples: ModuleType, name: str) -> str:
    """Makes an account with the three apps; gives its name."""
    phone.account(name)
    phone.cli("login", phone.url, "--name", name, "--password-file", "-", enter=f"{PASSWORD}\n")
    for app in ("errands", "parcels", "pigeons"):
        phone.cli("app", "install", str(samples.build(app, None if app == "errands" else "errands")))
    return name


def press(app: Glass, number: int) -> None:
    """One of an app's buttons, from 0."""
    app.tap((app.size()[0] / 2, BAR + BUTTON * number + BUTTON / 2))
