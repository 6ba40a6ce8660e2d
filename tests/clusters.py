"""A Dask cluster and an S3 server on this machine, as processes of their own, for as long as a test needs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from distributed import Client

ROOT = Path(__file__).parent.parent
# A machine may be busy with other tests.
PATIENCE = 120.0


@dataclass
class Cluster:
    """A scheduler and its workers, of one thread each; a worker is a nanny and the process that it watches over."""

    folder: Path
    environment: Mapping[str, str]
    address: str = ""
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def begin(self, workers: int, *options: str) -> None:
        told = self.folder / "scheduler.json"
        self.scheduler = self._started("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told))
        self.address = str(until(lambda: json.loads(told.read_text())["address"]))
        for _ in range(workers):
            self.hire(*options)

    def hire(self, *options: str) -> None:
        """One more worker, started but perhaps not there yet."""
        place = self.folder / f"worker-{len(self.workers)}"
        self.workers.append(
            self._started("worker", self.address, "--nthreads", "1", "--local-directory", str(place), *options)
        )

    def complete(self) -> None:
        """Returns when all workers are there."""
        connected: Any = Client(self.address, set_as_default=False)  # type: ignore[no-untyped-call]  # Dask has no types
        with connected as client:
            client.wait_for_workers(len(self.workers), timeout=PATIENCE)

    def kill(self, number: int) -> None:
        """The worker and its nanny, at once and without a word."""
        os.killpg(self.workers[number].pid, signal.SIGKILL)
        self.workers[number].wait()

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _started(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{kind}-{len(self.workers)}.log").open("wb")
        command = [sys.executable, "-m", "dask", kind, "--no-dashboard", *options]
        with log:
            # In a group of its own, so that all of it can be killed; where the tests are killed it ends by itself.
            environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT": "300s", **self.environment}
            return subprocess.Popen(
                command, stdout=log, stderr=log, cwd=ROOT, env=environment, start_new_session=True
            )


@contextmanager
def cluster(folder: Path, workers: int, *options: str, **environment: str) -> Iterator[Cluster]:
    """A cluster with so many workers; no process of it is left afterwards."""
    folder.mkdir(parents=True)
    made = Cluster(folder, environment)
    try:
        made.begin(workers, *options)
        yield made
    finally:
        made.end()


@contextmanager
def s3() -> Iterator[dict[str, str]]:
    """An S3 server with the bucket `bucket`, and the environment in which it is found."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        server.stop()


def until(found: Callable[[], Any]) -> Any:
    """What is found, as soon as it is; the last error where it never is."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return found()
        except (OSError, ValueError, KeyError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
