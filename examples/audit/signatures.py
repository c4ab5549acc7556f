# SPDX-License-Identifier: Apache-2.0
"""Ed25519 by openssl, and the three forms of what is signed: messages with a label, notes, cosignatures."""
import base64
import hashlib
import pathlib
import subprocess
import tempfile

DER_PREFIX = bytes.fromhex("302a300506032b6570032100")
SIGNS, COSIGNS = 1, 4


class Verifier:
    """A C2SP verifier key: name+key id+base64(type | key)."""

    def __init__(self, text):
        self.text = text
        self.name, key_id, data = text.split("+", 2)
        data = base64.b64decode(data, validate=True)
        self.type, self.key = data[0], data[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4]
        if self.id.hex() != key_id or len(self.key) != 32:
            raise ValueError(f"{text}: the key id does not fit")

    def holds(self, signature, message):
        with tempfile.TemporaryDirectory() as folder:
            files = {"key": DER_PREFIX + self.key, "signature": signature, "message": message}
            paths = {name: pathlib.Path(folder) / name for name in files}
            for name, content in files.items():
                paths[name].write_bytes(content)
            return subprocess.run(
                ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey",
                 paths["key"], "-sigfile", paths["signature"], "-in", paths["message"]],
                capture_output=True, check=False).returncode == 0

    def holds_label(self, signature, label, message):
        """A message of Evenhand, signed with its label (docs/reference/keys-and-sealing.md)."""
        return self.holds(signature, bytes([1, len(label)]) + label.encode() +
                          len(message).to_bytes(8, "big") + message)


def note_holds(note, verifier):
    """Whether a signed note carries a line of this verifier, of either type, that is right."""
    body, _, lines = note.rpartition(b"\n\n")
    body += b"\n"
    for line in lines.decode().splitlines():
        dash, name, data = line.split(" ")
        data = base64.b64decode(data, validate=True)
        if dash != "\N{EM DASH}" or name != verifier.name or data[:4] != verifier.id:
            continue
        if verifier.type == SIGNS:
            return verifier.holds(data[4:], body)
        seconds = int.from_bytes(data[4:12], "big")
        return verifier.holds(data[12:], f"cosignature/v1\ntime {seconds}\n".encode() + body)
    return False
