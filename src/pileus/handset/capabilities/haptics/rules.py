"""What feedbackd's values mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pileus.handset.capabilities.haptics.shape import Profile
from pileus.handset.values import words

_PROFILES: dict[str, Profile] = {"full": "full", "quiet": "quiet", "silent": "silent"}


def profile(said: Mapping[str, Any]) -> Profile:
    return _PROFILES.get(words(said, "Profile"), "full")
