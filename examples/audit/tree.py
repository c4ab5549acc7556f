# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 6962."""
import hashlib


def leaf(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:left]) + root(leaves[left:])).digest()
