# SPDX-License-Identifier: Apache-2.0
"""Programs that run: commands that end, and processes that serve until they are stopped."""
import json
import pathlib
import signal
import socket
import subprocess
import time
import typing

START_SECONDS = 60
STOP_SECONDS = 30


class CommandFailed(Exception):
    """A command that ended with another exit code than expected."""

    def __init__(self, arguments, code, out, err):
        super().__init__(f"{' '.join(arguments)}\nended with {code}\n{out}{err}")
        self.code = code
        self.err = err


class Output(typing.NamedTuple):
    stdout: str
    stderr: str


def run(arguments, expect=0, folder=None, environment=None):
    """Runs a command to its end; gives what it said."""
    arguments = [str(argument) for argument in arguments]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env=environment)
    expected = expect if isinstance(expect, tuple) else (expect,)
    if done.returncode not in expected:
        raise CommandFailed(arguments, done.returncode, done.stdout, done.stderr)
    return Output(done.stdout, done.stderr)


def run_json(arguments, **options):
    return json.loads(run(arguments, **options).stdout)


def free_port():
    """A loopback port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that says in a file that it is ready, and stops on SIGTERM."""

    def __init__(self, arguments, place, name):
        self.arguments = [str(argument) for argument in arguments]
        self.name = name
        self.environment = None
        self.process = None
        self.log_path = pathlib.Path(place) / f"{name}.log"
        self.ready_path = pathlib.Path(place) / f"{name}.ready"

    def start(self, wait=True):
        self.ready_path.unlink(missing_ok=True)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.arguments + ["--ready-file", str(self.ready_path)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=self.environment)
        if wait:
            self.wait_ready()

    def wait_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while not self.ready_path.exists():
            if self.process.poll() is not None:
                raise CommandFailed(self.arguments, self.process.returncode, "", self.log())
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} did not start:\n{self.log()}")
            time.sleep(0.02)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def stop(self):
        """Gives the exit code, or None when it was not running."""
        if self.process is None:
            return None
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self.running():
            self.process.kill()
        return self.wait()

    def wait(self, seconds=STOP_SECONDS):
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise TimeoutError(f"{self.name} did not stop:\n{self.log()[-3000:]}") from None
        self.process = None
        return code
