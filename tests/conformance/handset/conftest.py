"""A bus of a test's own, as the tests of the handset have it."""

from __future__ import annotations

from tests.handset.conftest import address as address
from tests.handset.conftest import short as short
