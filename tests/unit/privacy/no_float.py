#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""no_float.py OBJDUMP ARCHIVE OBJECT...

Fails if a named object of the archive holds a floating-point instruction or touches a vector or x87
register, or calls into libm or a soft-float routine. The check proves itself on the object
renyi.c.o, which must be full of them."""
import re
import subprocess
import sys

REGISTER = re.compile(r"%(?:[xyz]mm\d|mm\d|st\b)|\b[vqds]\d+\.\d?[bhsd]|\b[ds]\d+,")
INSTRUCTION = re.compile(r"^f[a-z0-9]+\b|^(?:v?cvt|v?(?:add|sub|mul|div|sqrt|u?comi)[sp][sd])")
CALL = re.compile(r"^(?:exp|log|pow|sqrt|floor|ceil|rint|__\w+[sdt]f[23]|__float\w+)")
RELOCATION = re.compile(r"^[0-9a-f]+:\s+R_\S+\s+(\S+)")


def offences(objdump, archive, name):
    text = subprocess.run([objdump, "-dr", "--no-show-raw-insn", archive], check=True,
                          capture_output=True, text=True).stdout
    parts = re.split(r"^(\S+\.o):\s+file format .*$", text, flags=re.M)
    bodies = dict(zip(parts[1::2], parts[2::2]))
    if name not in bodies:
        sys.exit(f"{archive} has no {name}")
    found, instructions = [], 0
    for line in bodies[name].splitlines():
        if "\t" not in line:
            continue
        code = line.split("\t", 1)[1].strip()
        relocation = RELOCATION.match(code)
        if relocation:
            if CALL.match(relocation.group(1)):
                found.append(code)
            continue
        instructions += 1
        if REGISTER.search(code) or INSTRUCTION.match(code):
            found.append(code)
    if instructions < 20:
        sys.exit(f"{name}: only {instructions} instructions seen: the check does not see the code")
    return found


def main():
    objdump, archive, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    if not offences(objdump, archive, "renyi.c.o"):
        sys.exit("renyi.c.o seems to use no floating point: this check sees nothing")
    bad = {name: offences(objdump, archive, name) for name in names}
    for name, found in bad.items():
        for code in found[:5]:
            print(f"{name}: {code}")
    sys.exit(1 if any(bad.values()) else 0)


if __name__ == "__main__":
    main()
