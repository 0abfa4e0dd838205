"""Durable work that outlives requests and crashes."""

from pileus.cloud.kernel.jobs.runner import JobRunner

__all__ = ["JobRunner"]
