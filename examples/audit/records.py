# SPDX-License-Identifier: Apache-2.0
"""What fetch and check share: messages of proto/, and a folder that holds a copy of the log."""
import atexit
import importlib
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


def load_messages(name):
    """Python's form of proto/NAME.proto, made with protoc."""
    folder = tempfile.TemporaryDirectory(prefix="evenhand-audit.")
    atexit.register(folder.cleanup)
    subprocess.run(["protoc", "-I", PROTO, f"--python_out={folder.name}", *PROTO.glob("*.proto")],
                   check=True)
    sys.path.insert(0, folder.name)
    return importlib.import_module(f"{name}_pb2")


def entry_paths(folder):
    return sorted(folder.glob("*.entry"))


def entry_path(folder, index):
    return folder / f"{index:08}.entry"
