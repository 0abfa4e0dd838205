"""Accounts of tests that share a server: each has its own, by the name of the test."""

from __future__ import annotations

import re

import pytest


def of_test(request: pytest.FixtureRequest, most: int = 60) -> str:
    """A name that an account may have: letters and digits of the test's, and a space for what else is in it."""
    return " ".join(re.findall(r"[^\W_]+", request.node.name))[:most].strip()
