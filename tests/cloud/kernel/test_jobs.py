"""Jobs: progress in the journal, failures with their code, taken up again after a stop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pileus.cloud.app import build
from pileus.cloud.kernel.jobs.runner import KEPT_MS, RUNS, JobRunner
from pileus.cloud.kernel.service import JobRun
from pileus.core.clock import ManualClock, SystemClock
from pileus.core.errors import Invalid, PileusError


@pytest.fixture
def cloud(settings):
    one = build(settings, services=[])
    yield one
    one.close()


def runner(cloud: Any) -> JobRunner:
    return JobRunner(cloud.db, cloud.journal, SystemClock())


def fields(cloud: Any, account: str, job: str) -> dict[str, Any]:
    return cloud.db.read(lambda conn: cloud.journal.record(conn, account, "jobs.job", job)).fields


async def ended(cloud: Any, account: str, job: str) -> dict[str, Any]:
    rung, loop = asyncio.Event(), asyncio.get_running_loop()
    cloud.context.events.listen(lambda _: loop.call_soon_threadsafe(rung.set))
    async with asyncio.timeout(20):
        while fields(cloud, account, job)["state"] in ("waiting", "running"):
            await rung.wait()
            rung.clear()
    return fields(cloud, account, job)


def test_a_job_shows_its_progress_and_result(cloud):
    account = cloud.accounts.create_blocking("anna", "correct horse").id
    seen: list[dict[str, Any]] = []

    async def work(run: JobRun) -> dict[str, Any]:
        await run.progress("half", 0.5, note="x")
        seen.append(fields(cloud, run.account_id, run.id))
        return {"answer": run.payload["question"] * 2}

    async def main() -> None:
        jobs = runner(cloud)
        jobs.handler("double", work)
        await jobs.start()
        job = await jobs.submit("double", account, {"question": 21})
        done = await ended(cloud, account, job)
        assert (done["state"], done["result"], done["progress"]) == ("done", {"answer": 42}, 1.0)
        await jobs.stop()

    asyncio.run(main())
    assert (seen[0]["phase"], seen[0]["progress"], seen[0]["note"]) == ("half", 0.5, "x")


def test_failures_say_their_code(cloud):
    account = cloud.accounts.create_blocking("anna", "correct horse").id

    async def known(_run: JobRun) -> None:
        raise Invalid("not-an-apk", "This is no APK.")

    async def unknown(_run: JobRun) -> None:
        raise ZeroDivisionError

    async def main() -> None:
        jobs = runner(cloud)
        jobs.handler("known", known)
        jobs.handler("unknown", unknown)
        await jobs.start()
        first = await ended(cloud, account, await jobs.submit("known", account, {}))
        assert (first["state"], first["code"], first["message"]) == ("failed", "not-an-apk", "This is no APK.")
        second = await ended(cloud, account, await jobs.submit("unknown", account, {}))
        assert second["code"] == "internal"
        await jobs.stop()

    asyncio.run(main())


def test_what_was_cut_off_is_run_again_but_not_for_ever(cloud):
    account = cloud.accounts.create_blocking("anna", "correct horse").id
    runs = 0
    heard: list[str] = []

    async def told(_run: JobRun, error: PileusError) -> None:
        heard.append(error.code)

    async def main() -> dict[str, Any]:
        nonlocal runs
        job = ""
        for _ in range(RUNS + 1):
            started = asyncio.Event()

            async def hang(_run: JobRun, started: asyncio.Event = started) -> None:
                nonlocal runs
                runs += 1
                started.set()
                await asyncio.Event().wait()

            jobs = runner(cloud)
            jobs.handler("hang", hang, told)
            await jobs.start()
            job = job or await jobs.submit("hang", account, {})
            if runs < RUNS:
                await started.wait()
                await jobs.stop()
            else:
                break
        done = await ended(cloud, account, job)
        await jobs.stop()
        return done

    done = asyncio.run(main())
    assert runs == RUNS
    assert (done["state"], done["code"]) == ("failed", "job-crashed")
    assert heard == ["job-crashed"]


def test_a_full_account_still_learns_what_became_of_its_work(cloud):
    account = cloud.accounts.create_blocking("anna", "correct horse", quota_bytes=0).id

    async def work(run: JobRun) -> None:
        await run.progress("half", 0.5)
        raise Invalid("no-room", "There was no room.")

    async def main() -> None:
        jobs = runner(cloud)
        jobs.handler("fill", work)
        await jobs.start()
        failed = await ended(cloud, account, await jobs.submit("fill", account, {}))
        assert (failed["state"], failed["code"]) == ("failed", "no-room")
        await jobs.stop()

    asyncio.run(main())


def test_ended_jobs_are_forgotten_after_a_week(cloud):
    account = cloud.accounts.create_blocking("anna", "correct horse").id
    clock = ManualClock()

    async def nothing(_run: JobRun) -> None:
        return None

    def kept() -> list[str]:
        return [one.id for one in cloud.db.read(lambda conn: cloud.journal.records(conn, account, "jobs.job"))]

    async def main() -> None:
        jobs = JobRunner(cloud.db, cloud.journal, clock)
        jobs.handler("nothing", nothing)
        await jobs.start()
        first = await jobs.submit("nothing", account, {})
        await ended(cloud, account, first)
        clock.advance(KEPT_MS / 1000 - 60)
        second = await jobs.submit("nothing", account, {})
        await ended(cloud, account, second)
        assert kept() == [first, second]
        clock.advance(120)
        third = await jobs.submit("nothing", account, {})
        await ended(cloud, account, third)
        assert kept() == [second, third]
        rows = cloud.db.read(lambda conn: conn.exec_driver_sql("SELECT id FROM job").all())
        assert sorted(row[0] for row in rows) == [second, third]
        await jobs.stop()

    asyncio.run(main())
