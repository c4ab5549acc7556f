#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interoperability of this project with the prio and hpke crates, on random instances.

Whatever one implementation makes, both must understand in the same way, in every mix of client, leader
and helper; and what was tampered with, both must refuse.
"""

import argparse
import itertools
import random
import secrets
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
from line_protocol import Program, Refused  # noqa: E402

VDAFS = ("count", "sum", "sumvec", "sumvecmultiproof", "histogram", "multihot")
FIELD64 = 2**64 - 2**32 + 1
AEADS = (1, 3)


class Failure(Exception):
    """The implementations disagree, or one of them is wrong."""


def expect(condition, what, *details):
    if not condition:
        raise Failure(" ".join([what, *(str(detail)[:200] for detail in details)]))


def from_hex(text):
    return bytes.fromhex(text)


# ---- random instances ----


def random_max(rng):
    """One, just below or above a power of two, or anything; rarely large."""
    bits = rng.choice((1, 2, 3, 4, 8, 10, 16, 24, 31, 40))
    return rng.choice((1, 2**bits - 1, 2**bits, rng.randrange(1, 2**bits + 1)))


def random_instance(rng, vdaf):
    """The parameters, and a function that draws a measurement with its contribution to the result."""
    if vdaf == "count":
        return {"vdaf": vdaf}, lambda: _same([rng.randrange(2)])
    if vdaf == "sum":
        top = random_max(rng)
        return {"vdaf": vdaf, "max": top}, lambda: _same([_value(rng, top)])
    length = rng.choice((1, 2, 3, rng.randrange(4, 40), rng.randrange(40, 400)))
    instance = {"vdaf": vdaf, "length": length}
    if vdaf == "histogram":
        encoded = length
        draw = lambda: _one_hot(rng, length)  # noqa: E731
    elif vdaf == "multihot":
        weight = rng.randrange(1, length + 1)
        instance["max"] = weight
        encoded = length + weight.bit_length()
        draw = lambda: _same(_bits(rng, length, weight))  # noqa: E731
    else:
        top = random_max(rng)
        instance["max"] = top
        encoded = length * top.bit_length()
        draw = lambda: _same([_value(rng, top) for _ in range(length)])  # noqa: E731
    instance["chunk"] = random_chunk(rng, encoded)
    return instance, draw


def random_chunk(rng, encoded):
    """All kinds: one element a call, one call, full and barely full transforms, anything."""
    calls = rng.choice((1, 2, 3, 7, 8, 63, 64, 127, encoded, rng.randrange(1, encoded + 1)))
    return max(1, -(-encoded // min(calls, encoded)))


def _same(measurement):
    return measurement, measurement


def _value(rng, top):
    return rng.choice((0, top, top // 2, top // 2 + 1, rng.randrange(top + 1)))


def _bits(rng, length, weight):
    chosen = set(rng.sample(range(length), rng.randrange(weight + 1)))
    return [int(i in chosen) for i in range(length)]


def _one_hot(rng, length):
    bucket = rng.randrange(length)
    return [bucket], [int(i == bucket) for i in range(length)]


# ---- one report ----


class Report:
    """A report and everything that its aggregation needs; copies with a change are tampered ones."""

    def __init__(self, instance, ctx, key, nonce, public, leader, helper):
        self.instance = instance
        self.ctx = (ctx, ctx)  # as leader and helper see it
        self.key = (key, key)
        self.nonce = (nonce, nonce)
        self.public = (public, public)
        self.share = (leader, helper)

    def changed(self, name, role, value):
        copy = Report.__new__(Report)
        copy.__dict__.update(self.__dict__)
        both = list(getattr(self, name))
        for index in (0, 1) if role is None else (role,):
            both[index] = value
        setattr(copy, name, tuple(both))
        return copy


def shard(program, rng, instance, measurement, ctx, key):
    nonce = rng.randbytes(16)
    made = program.ask("shard", **instance, ctx=ctx, nonce=nonce, measurement=measurement)
    return Report(instance, ctx, key, nonce, from_hex(made["public"]), from_hex(made["leader"]),
                  from_hex(made["helper"]))


def verify_init(program, report, role):
    made = program.ask("verify_init", **report.instance, ctx=report.ctx[role],
                       key=report.key[role], nonce=report.nonce[role], aggregator=role,
                       public=report.public[role], share=report.share[role])
    return from_hex(made["state"]), from_hex(made["verifier"])


def combine(program, report, role, state, verifiers):
    return from_hex(program.ask("shares_to_message", **report.instance, ctx=report.ctx[role],
                                aggregator=role, state=state, verifiers=verifiers)["message"])


def verify_next(program, report, role, state, message):
    return from_hex(program.ask("verify_next", **report.instance, ctx=report.ctx[role],
                                aggregator=role, state=state, message=message)["output"])


def verify(aggregators, report, tamper=None):
    """Both aggregators' output shares. tamper changes (name, bytes) of what goes between them."""
    tamper = tamper or (lambda name, value: value)
    states, verifiers = zip(*(verify_init(aggregators[role], report, role) for role in (0, 1)))
    sent = [tamper(f"verifier {role}", verifiers[role]) for role in (0, 1)]
    # As in ping-pong, the helper combines.
    message = tamper("message", combine(aggregators[1], report, 1, states[1], sent))
    return [verify_next(aggregators[role], report, role, states[role], message)
            for role in (0, 1)]


def check_same_bytes(programs, report):
    """Verification is deterministic: every message of it is the same bytes on both sides."""
    first, second = programs
    inits = [[verify_init(program, report, role) for role in (0, 1)] for program in programs]
    for role in (0, 1):
        expect(inits[0][role][1] == inits[1][role][1], "verifier shares differ, role", role)
    verifiers = [inits[0][role][1] for role in (0, 1)]
    messages = [combine(program, report, role, inits[index][role][0], verifiers)
                for index, program in enumerate((first, second)) for role in (0, 1)]
    expect(len(set(messages)) == 1, "verifier messages differ")
    for role in (0, 1):
        outputs = [verify_next(program, report, role, inits[index][role][0], messages[0])
                   for index, program in enumerate(programs)]
        expect(outputs[0] == outputs[1], "output shares differ, role", role)


# ---- tampering ----


def flip(rng, value):
    """One bit changed anywhere."""
    at = rng.randrange(len(value))
    return value[:at] + bytes([value[at] ^ (1 << rng.randrange(8))]) + value[at + 1:]


def damaged(rng, value):
    """The kinds of damage that a message can have; an empty one can only grow."""
    yield "trailing byte", value + b"\0"
    if value:
        yield "flipped bit", flip(rng, value)
        yield "cut", value[:-1]
        yield "first bit", bytes([value[0] ^ 1]) + value[1:]
        yield "last byte", value[:-1] + bytes([value[-1] ^ 0x80])
        yield "nothing", b""


def tampered_reports(rng, report):
    yield "ctx at one side", report.changed("ctx", rng.randrange(2), report.ctx[0] + b"x"), None
    yield "key at one side", report.changed("key", rng.randrange(2), flip(rng, report.key[0])), None
    yield "nonce at one side", report.changed("nonce", rng.randrange(2),
                                              flip(rng, report.nonce[0])), None
    for how, value in damaged(rng, report.public[0]):
        yield f"public share: {how}", report.changed("public", None, value), None
    for role, name in enumerate(("leader", "helper")):
        for how, value in damaged(rng, report.share[role]):
            yield f"{name} share: {how}", report.changed("share", role, value), None
    leader = report.share[0]
    yield "leader share: element not below the modulus", \
        report.changed("share", 0, b"\xff" * 16 + leader[16:]), None
    yield "shares swapped", report.changed("share", 0, report.share[1]).changed(
        "share", 1, leader), None


def tampered_messages(rng, report, sizes):
    for name, size in sizes.items():
        for how, _ in damaged(rng, bytes(size)):
            def tamper(which, value, name=name, how=how):
                return dict(damaged(rng, value))[how] if which == name else value
            yield f"{name}: {how}", report, tamper


def check_tampering(rng, mixes, report):
    states_and_verifiers = [verify_init(mixes[0][role], report, role) for role in (0, 1)]
    message = combine(mixes[0][0], report, 0, states_and_verifiers[0][0],
                      [verifier for _, verifier in states_and_verifiers])
    sizes = {"verifier 0": len(states_and_verifiers[0][1]),
             "verifier 1": len(states_and_verifiers[1][1]), "message": len(message)}
    count = 0
    for what, bad, tamper in itertools.chain(tampered_reports(rng, report),
                                             tampered_messages(rng, report, sizes)):
        for mix in mixes:
            count += 1
            try:
                verify(mix, bad, tamper)
            except Refused:
                continue
            raise Failure(f"accepted by leader {mix[0].name}, helper {mix[1].name}: {what}")
    return count


# ---- campaigns ----


def prio3_instance(rng, programs, vdaf, tally):
    instance, draw = random_instance(rng, vdaf)
    ctx = rng.randbytes(rng.choice((0, 1, 32, 200, 1000)))
    key = rng.randbytes(32)
    mixes = list(itertools.product(programs, repeat=2))
    outputs = {mix: ([], []) for mix in mixes}
    expected = None
    last = None
    for client in programs:
        for _ in range(2):
            measurement, contribution = draw()
            expected = contribution if expected is None else \
                [a + b for a, b in zip(expected, contribution)]
            last = shard(client, rng, instance, measurement, ctx, key)
            check_same_bytes(programs, last)
            for mix in mixes:
                for role, output in enumerate(verify(mix, last)):
                    outputs[mix][role].append(output)
            tally["reports"] += 1
    modulus = FIELD64 if vdaf in ("count", "sum", "sumvecmultiproof") else None
    for mix in mixes:
        shares = [from_hex(mix[role].ask("aggregate", **instance,
                                         outputs=outputs[mix][role])["share"]) for role in (0, 1)]
        for collector in programs:
            result = collector.ask("unshard", **instance, shares=shares, count=4)["result"]
            wanted = [value % modulus if modulus else value for value in expected]
            expect([int(word) for word in result.split(",")] == wanted,
                   f"wrong result at {collector.name}", result, wanted)
    tally["refusals"] += check_tampering(rng, mixes, last)
    return instance


def hpke_message(rng, programs, tally):
    aead = rng.choice(AEADS)
    seed = rng.randbytes(rng.choice((32, 33, 64)))
    keys = [program.ask("hpke_keygen", seed=seed) for program in programs]
    expect(keys[0]["public"] == keys[1]["public"], "derived public keys differ")
    info, aad = (rng.randbytes(rng.choice((0, 1, 32, 500))) for _ in range(2))
    plain = rng.randbytes(rng.choice((0, 1, 15, 16, 17, 1000, 50000)))
    public = from_hex(keys[0]["public"])
    for sender in programs:
        sealed = from_hex(sender.ask("hpke_seal", aead=aead, public=public, info=info, aad=aad,
                                     plain=plain)["sealed"])
        for receiver, key in itertools.product(programs, keys):
            request = {"aead": aead, "secret": from_hex(key["secret"]), "info": info, "aad": aad,
                       "sealed": sealed}
            opened = receiver.ask("hpke_open", **request)["plain"]
            expect(from_hex(opened) == plain, f"{receiver.name} opened something else")
            for what, change in tampered_sealings(rng, request):
                try:
                    receiver.ask("hpke_open", **{**request, **change})
                except Refused:
                    tally["refusals"] += 1
                    continue
                raise Failure(f"{receiver.name} opened a message with {what}")
        tally["messages"] += 1


def tampered_sealings(rng, request):
    for how, value in damaged(rng, request["sealed"]):
        yield how, {"sealed": value}
    yield "a zero encapsulated key", {"sealed": bytes(32) + request["sealed"][32:]}
    yield "other info", {"info": request["info"] + b"\0"}
    yield "other aad", {"aad": request["aad"] + b"\0"}
    yield "the other suite", {"aead": AEADS[1 - AEADS.index(request["aead"])]}
    # Not its ends: X25519 ignores five of their bits.
    secret = bytearray(request["secret"])
    secret[rng.randrange(1, 31)] ^= 1 << rng.randrange(8)
    yield "another key", {"secret": bytes(secret)}


def run(options, programs):
    rng = random.Random(options.seed)
    tally = {"instances": 0, "reports": 0, "messages": 0, "refusals": 0}
    start = time.monotonic()
    for turn in range(options.instances):
        vdaf = VDAFS[turn % len(VDAFS)]
        case_seed = rng.getrandbits(64)
        try:
            instance = prio3_instance(random.Random(case_seed), programs, vdaf, tally)
        except (Failure, Refused) as failure:
            print(f"FAIL {vdaf}, instance {turn}, --seed {options.seed}: {failure}")
            return 1
        tally["instances"] += 1
        if options.verbose:
            print(f"ok {instance} {time.monotonic() - start:.1f} s")
    for turn in range(options.messages):
        try:
            hpke_message(rng, programs, tally)
        except (Failure, Refused) as failure:
            print(f"FAIL hpke, message {turn}, --seed {options.seed}: {failure}")
            return 1
    print(f"ok: {tally['instances']} instances, {tally['reports']} reports in every mix, "
          f"{tally['messages']} sealed messages, {tally['refusals']} tampered ones refused, "
          f"--seed {options.seed}, {time.monotonic() - start:.0f} s")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ours", required=True, help="this project's program (bench/ours)")
    parser.add_argument("--peer", required=True, help="the peers' program (bench/peers)")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32),
                        help="repeats a run; drawn and printed if not given")
    parser.add_argument("--instances", type=int, default=120, help="Prio3 instances")
    parser.add_argument("--messages", type=int, default=60, help="sealed messages")
    parser.add_argument("--verbose", action="store_true", help="a line for each instance")
    options = parser.parse_args()
    print(f"interoperability: --seed {options.seed}", flush=True)
    with Program("ours", [options.ours]) as ours, Program("peer", [options.peer]) as peer:
        return run(options, (ours, peer))


if __name__ == "__main__":
    sys.exit(main())
