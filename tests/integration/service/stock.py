# SPDX-License-Identifier: Apache-2.0
"""What stock tools do with a party: messages from proto/, certificates of its authority for every kind of
caller, verifier keys, gRPC channels."""
import base64
import hashlib
import subprocess
import sys

import grpc

from support import ROOT


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


def open_channel(party, certificate, trust=None):
    """A channel to a party; trust: the party whose authority the server must be of."""
    authority = ((trust or party).folder / "tls" / "ca.pem").read_bytes()
    credentials = grpc.ssl_channel_credentials(
        authority, certificate.key if certificate else None, certificate.cert if certificate else None)
    return grpc.secure_channel(party.address, credentials,
                               options=[("grpc.enable_retries", 0),
                                        ("grpc.max_send_message_length", -1),
                                        ("grpc.use_local_subchannel_pool", 1)])
