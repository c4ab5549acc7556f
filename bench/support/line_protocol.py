# SPDX-License-Identifier: Apache-2.0
"""The line protocol of bench/protocol.md, from the asking side."""

import subprocess


class Refused(Exception):
    """The implementation refused the message: an answer, not a fault of the protocol."""


class Program:
    """A running implementation. Use as a context manager."""

    def __init__(self, name, command):
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        if self._process.wait() != 0:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}")
        self._process.stdout.close()

    def ask(self, command, **values):
        """Gives the values of the answer as texts; raises Refused."""
        words = [command] + [f"{key}={_text(value)}" for key, value in values.items()]
        self._process.stdin.write(" ".join(words).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().decode().rstrip("\n")
        kind, _, rest = answer.partition(" ")
        if kind == "refused":
            raise Refused(rest)
        if kind != "ok":
            raise RuntimeError(f"{self.name} answered {command} with {answer[:200]!r}")
        return dict(word.split("=", 1) for word in rest.split())


def _text(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return ",".join(_text(item) for item in value)
    return str(value)
