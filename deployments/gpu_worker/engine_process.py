"""A worker's handle on one of its engine processes."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Lines of an engine's log that a crash message shows, and how long each may be.
_TAIL_LINES = 15
_LINE_CHARACTERS = 300
_CHUNK_BYTES = 65_536
# An answer is short; an error in it may not be.
_LONGEST_REPLY_BYTES = 16 * 1024 * 1024
# How long an idle engine may take to leave by itself, seconds.
_LEAVE_S = 5.0


@dataclass(frozen=True)
class EngineKey:
    """What an engine was started with; another wish needs another engine."""

    environment: tuple[tuple[str, str], ...]
    preload: tuple[str, ...] = ()
    processes: int | None = None

    @classmethod
    def of(
        cls, environment: Mapping[str, str], preload: Sequence[str], processes: int | None
    ) -> "EngineKey":
        """A key that compares equal for equal wishes."""
        return cls(tuple(sorted(environment.items())), tuple(preload), processes)


class EngineDiedError(Exception):
    """The engine process is gone; the message says how it ended and what it wrote last."""


class EngineProcess:
    """One resident process; opened by `start`, closed by `stop` or `kill`."""

    def __init__(self, key: EngineKey, process: asyncio.subprocess.Process, lifeline: int) -> None:
        """Take over a started process; use `start`.

        Args:
            key: What it was started with.
            process: The child.
            lifeline: Write end of the pipe whose end tells the engine that its worker is gone.
        """
        self.key = key
        self.runs = 0
        self._process = process
        self._lifeline = lifeline
        self._is_ready = False
        self._replies = asyncio.StreamReader(limit=_LONGEST_REPLY_BYTES)
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._log = asyncio.create_task(self._follow_log())

    @classmethod
    async def start(cls, key: EngineKey) -> "EngineProcess":
        """Start an engine; `ready` waits until it can work.

        Args:
            key: Environment, preloads and worker processes.
        """
        reply_end, reply_write = os.pipe()
        lifeline_read, lifeline = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *_command(key, reply_write, lifeline_read),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=(reply_write, lifeline_read),
                start_new_session=True,
                env=dict(key.environment),
            )
        finally:
            os.close(reply_write)
            os.close(lifeline_read)
        engine = cls(key, process, lifeline)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(engine._replies), os.fdopen(reply_end, "rb")
        )
        return engine

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its process group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can take another run."""
        return self._process.returncode is None

    async def ready(self) -> None:
        """Wait until it has loaded everything; returns at once when that was told before.

        Raises:
            EngineDiedError: It ended instead.
        """
        if not self._is_ready:
            await self._answer()
            self._is_ready = True

    async def run(self, run_id: str, entrypoint: str, environment: Mapping[str, str]) -> Any:
        """Have one flow run done, as soon as the engine is ready.

        Args:
            run_id: Of the flow run.
            entrypoint: module.function of its flow; checked by the caller.
            environment: Variables that name the run.

        Returns:
            The engine's answer: `outcome`, and `error` when there was one.

        Raises:
            EngineDiedError: It died meanwhile, or was killed because it answered for another run.
        """
        await self.ready()
        self.runs += 1
        self._send({"run": run_id, "entrypoint": entrypoint, "env": dict(environment)})
        reply = await self._answer()
        if reply.get("run") != run_id:
            self.kill()
            raise EngineDiedError(f"the engine answered {reply} instead of run {run_id}; killed")
        return reply

    def cancel(self, run_id: str) -> None:
        """Ask it to stop a run at the next frame; without effect if another one is on."""
        self._send({"cancel": run_id})

    def kill(self) -> None:
        """End it and its children at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Let an idle engine leave, then make sure that nothing of it is left."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _LEAVE_S)
        await self.close()

    async def close(self) -> None:
        """End what is left of it and wait for that."""
        self.kill()
        os.close(self._lifeline)
        await self._process.wait()
        await self._log

    async def _answer(self) -> Any:
        """The next line on the reply pipe."""
        reply = asyncio.create_task(self._replies.readline())
        # A stray grandchild may hold the pipe open, so its end alone does not tell.
        death = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait((reply, death), return_when=asyncio.FIRST_COMPLETED)
            line = await reply if reply.done() else b""
        finally:
            reply.cancel()
            death.cancel()
        if not line.endswith(b"\n"):
            await self._process.wait()
            self.kill()
            raise EngineDiedError(await self._last_words())
        return json.loads(line)

    def _send(self, message: Mapping[str, object]) -> None:
        """Write a request; if the engine is gone, the missing answer tells."""
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps(message) + "\n").encode())

    async def _follow_log(self) -> None:
        """Pass on what the engine writes, and keep the last lines."""
        assert self._process.stdout is not None
        part = ""
        while chunk := await self._process.stdout.read(_CHUNK_BYTES):
            sys.stderr.buffer.write(chunk)
            sys.stderr.buffer.flush()
            *lines, part = (part + chunk.decode(errors="replace")).split("\n")
            self._tail.extend(line[:_LINE_CHARACTERS] for line in lines if line.strip())
            part = part[-_LINE_CHARACTERS:]
        if part.strip():
            self._tail.append(part)

    async def _last_words(self) -> str:
        """How it ended, and the tail of its log."""
        await asyncio.wait((self._log,), timeout=_LEAVE_S)
        tail = "\n".join(f"  | {line}" for line in self._tail) or "  | (it wrote nothing)"
        return f"{_ending(self._process.returncode)}; its last lines:\n{tail}"


def _command(key: EngineKey, replies: int, lifeline: int) -> list[str]:
    """The command line of an engine."""
    words = [sys.executable, "-P", "-m", "deployments.gpu_worker.engine"]
    words += [f"--worker={os.getpid()}", f"--replies={replies}", f"--lifeline={lifeline}"]
    words += [] if key.processes is None else [f"--processes={key.processes}"]
    return [*words, *(f"--preload={name}" for name in key.preload)]


def _ending(code: int | None) -> str:
    """An exit code in words."""
    if code is None or code >= 0:
        return f"the engine ended with exit code {code}"
    name = signal.Signals(-code).name
    hint = " (out of memory?)" if -code == signal.SIGKILL else ""
    return f"the engine was ended by {name}{hint}"
