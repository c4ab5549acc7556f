# SPDX-License-Identifier: Apache-2.0
"""A leader, a helper and a collector in folders of their own, certificates of every kind of caller, and
stock gRPC clients that use them."""
import base64
import hashlib
import pathlib
import signal
import socket
import subprocess
import sys
import time

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROLES = ("leader", "helper", "collector")
START_SECONDS = 60
STOP_SECONDS = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*arguments, stdin=None):
    return subprocess.run([str(argument) for argument in arguments], input=stdin, check=True,
                          capture_output=True, timeout=60).stdout


def make_stubs(folder):
    """Generates Python messages of proto/ with stock tools, and makes them importable."""
    run("protoc", "-I", ROOT / "proto", f"--python_out={folder}",
        *sorted((ROOT / "proto").glob("*.proto")))
    sys.path.insert(0, str(folder))


class Certificate:
    def __init__(self, cert, key):
        self.cert, self.key = cert, key

    @staticmethod
    def in_folder(folder, name):
        return Certificate((folder / "tls" / f"{name}.pem").read_bytes(),
                           (folder / "tls" / f"{name}.key").read_bytes())


def issue(folder, uri=None, days=1):
    """A client certificate of a party's own authority; days below 0: it has ended."""
    key = run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    work = folder / "issued"
    work.mkdir(exist_ok=True)
    (work / "key.pem").write_bytes(key)
    (work / "request.pem").write_bytes(
        run("openssl", "req", "-new", "-key", work / "key.pem", "-subj", "/CN=test"))
    alternative = f"subjectAltName=URI:{uri}\n" if uri else ""
    (work / "extensions").write_text(
        "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n" + alternative)
    cert = run("openssl", "x509", "-req", "-in", work / "request.pem", "-CA",
               folder / "tls" / "ca.pem", "-CAkey", folder / "tls" / "ca.key", "-CAcreateserial",
               "-CAserial", work / "serial", "-days", days, "-extfile", work / "extensions")
    return Certificate(cert, key)


def new_verifier_key(name):
    """A C2SP verifier key whose secret nobody keeps."""
    secret = run("openssl", "genpkey", "-algorithm", "ED25519")
    public = run("openssl", "pkey", "-pubout", "-outform", "DER", stdin=secret)[-32:]
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"


class Party:
    """One party's folder and its process."""

    def __init__(self, program, folder, role):
        self.program, self.role = program, role
        self.folder = folder / role
        self.address = f"127.0.0.1:{free_port()}"
        self.metrics = f"127.0.0.1:{free_port()}"
        self.log_path = folder / f"{role}.log"
        self.ready_path = folder / f"{role}.ready"
        self.process = None

    def init(self):
        run(self.program, "init", "-q", self.role, self.folder, "--name", f"{self.role}.test",
            "--metrics", self.metrics,
            *([] if self.role == "collector" else ["--listen", self.address]))

    def pair(self, other):
        run(self.program, "init", "-q", "--peer", other.folder / "introduction.yaml", self.folder)

    def add_settings(self, text):
        with open(self.folder / "aggregator.yaml", "a", encoding="utf-8") as file:
            file.write(text)

    def launch(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, self.role, "-c", self.folder / "aggregator.yaml", "--ready-file",
                 self.ready_path], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self):
        self.ready_path.unlink(missing_ok=True)
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self.ready_path.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.role} did not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self, number=signal.SIGTERM):
        """Gives the exit code."""
        if self.process is None:
            return None
        self.process.send_signal(number)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def channel(self, certificate, trust=None):
        """A stock gRPC channel; trust: the party whose authority the server must be of."""
        authority = ((trust or self).folder / "tls" / "ca.pem").read_bytes()
        credentials = grpc.ssl_channel_credentials(
            authority, certificate.key if certificate else None,
            certificate.cert if certificate else None)
        return grpc.secure_channel(self.address, credentials,
                                   options=[("grpc.enable_retries", 0),
                                            ("grpc.max_send_message_length", -1),
                                            ("grpc.use_local_subchannel_pool", 1)])


def make_parties(program, folder):
    parties = {role: Party(program, folder, role) for role in ROLES}
    for party in parties.values():
        party.init()
    for party in parties.values():
        for other in parties.values():
            if other is not party:
                party.pair(other)
    return parties
