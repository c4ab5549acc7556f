#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every method of every service, called by a stock gRPC client on a real leader and helper: by those who
may and by those who may not, with good and with bad messages."""
import re
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import grpc

from support import AGGREGATOR, deployment
from service.deployment import ROLES
from service.process import Server
from stock import Certificate, issue, make_stubs, new_verifier_key, open_channel

SECONDS = 20
PACKAGE = "/evenhand.v1."
LIMITS = "limits:\n  receive_timeout_ms: 1500\n  calls_per_minute: 400\n"
CHUNK = 1 << 20

EVERYONE = {"leader", "helper", "collector", "customer", "operator", "invited", "observer"}
READS = {name: EVERYONE for name in ("GetCheckpoint", "GetEntries", "GetInclusion")}
LEADER = {**READS, "GetResult": EVERYONE, "Upload": {"customer"}, "GetStatus": {"customer"},
          "GetAggregateShare": {"collector"}, "PublishResult": {"collector"}, "Enrol": {"invited"}}
HELPER = {**READS, **{name: {"leader"} for name in ("Cosign", "PrepareRound", "Reveal", "Aggregate",
                                                    "Agree", "CommitShare", "Endorse")},
          "GetAggregateShare": {"collector"}}
SERVED = {"leader": {"Leader": LEADER}, "helper": {"Helper": HELPER}}


def as_bytes(message):
    return message if isinstance(message, bytes) else message.SerializeToString()


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        make_stubs(cls.enterClassContext(tempfile.TemporaryDirectory()))
        import operator_pb2
        import service_pb2
        cls.messages = service_pb2
        cls.descriptors = {**service_pb2.DESCRIPTOR.services_by_name,
                           **operator_pb2.DESCRIPTOR.services_by_name}
        operator = {method.name: {"operator"} for method in cls.descriptors["Operator"].methods}
        for services in SERVED.values():
            services["Operator"] = operator
        service = cls.enterClassContext(deployment(start=False))
        cls.parties = service.parties
        for role in SERVED:
            cls.parties[role].add_settings(LIMITS)
        service.start("helper", "leader")
        cls.customer_key = new_verifier_key("acme")
        cls.channels = {role: cls.open_channels(role) for role in SERVED}

    @classmethod
    def open_channels(cls, role):
        """A channel for every kind of caller that this party knows."""
        party = cls.parties[role]
        certificates = {
            "customer": issue(party.folder, f"evenhand:customer/{cls.customer_key}"),
            "operator": Certificate.in_folder(party.folder, "operator"),
            "invited": issue(party.folder, "evenhand:invitation/" + 32 * "a"),
            "observer": issue(party.folder)}
        for other in ROLES:
            if other != role:
                certificates[other] = Certificate.in_folder(cls.parties[other].folder, "client")
        channels = {who: open_channel(party, certificate) for who, certificate in certificates.items()}
        for channel in channels.values():
            cls.addClassCleanup(channel.close)
        return channels

    # ---- calling ----

    def stream(self, channel, path, messages, seconds=SECONDS):
        call = channel.stream_unary(path, request_serializer=as_bytes)
        return call(iter(messages), timeout=seconds, wait_for_ready=False)

    def call(self, channel, path, message=b"", seconds=SECONDS):
        return self.stream(channel, path, [message], seconds)

    def expect(self, code, text, channel, path, *messages, seconds=SECONDS):
        with self.assertRaises(grpc.RpcError) as caught:
            self.stream(channel, path, messages, seconds)
        self.assertEqual((caught.exception.code(), caught.exception.details()), (code, text), path)

    def refused(self, *arguments):
        self.expect(grpc.StatusCode.PERMISSION_DENIED, "REFUSED", *arguments)

    def invalid(self, text, *arguments):
        self.expect(grpc.StatusCode.INVALID_ARGUMENT, text, *arguments)

    def each_method(self):
        for role, services in SERVED.items():
            for service, methods in services.items():
                for name, callers in methods.items():
                    yield role, f"{PACKAGE}{service}/{name}", callers

    # ---- all methods ----

    def test_tables_name_every_method(self):
        for services in SERVED.values():
            for service, methods in services.items():
                self.assertEqual({method.name for method in self.descriptors[service].methods},
                                 set(methods))

    def test_wrong_role_is_refused_by_every_method(self):
        for role, path, callers in self.each_method():
            for who, channel in self.channels[role].items():
                if who not in callers:
                    with self.subTest(path=path, who=who):
                        self.refused(channel, path, b"")

    def test_malformed_message_is_refused_by_every_method(self):
        for role, path, callers in self.each_method():
            channel = next(self.channels[role][who] for who in sorted(callers)
                           if who in self.channels[role])
            with self.subTest(path=path):
                self.invalid("ENCODING", channel, path, b"\xff\xff\xff")
                self.invalid("ENCODING", channel, path, b"\xfa\x01\x01x")  # an unknown field

    def test_no_message_and_two_messages(self):
        for role, path, callers in self.each_method():
            if path.endswith("/Upload"):
                continue
            channel = next(self.channels[role][who] for who in sorted(callers)
                           if who in self.channels[role])
            with self.subTest(path=path):
                self.invalid("LENGTH", channel, path)
                self.invalid("TRAILING", channel, path, b"", b"")

    def test_oversized_message(self):
        for role, path, callers in self.each_method():
            if not path.endswith(("/GetCheckpoint", "/GetStatus", "/Reveal", "/ListRounds")):
                continue
            channel = self.channels[role][sorted(callers)[0]]
            with self.subTest(path=path):
                self.invalid("LENGTH", channel, path, bytes(100000))
        with self.assertRaises(grpc.RpcError) as caught:
            self.call(self.channels["leader"]["observer"], PACKAGE + "Leader/GetCheckpoint",
                      bytes((64 << 20) + 1))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_unknown_method(self):
        for role in SERVED:
            self.expect(grpc.StatusCode.UNIMPLEMENTED, "TYPE", self.channels[role]["observer"],
                        PACKAGE + "Leader/Missing", b"")

    def test_health(self):
        for role in SERVED:
            answer = self.call(self.channels[role]["observer"], "/grpc.health.v1.Health/Check")
            self.assertEqual(answer, b"\x08\x01")

    # ---- good calls ----

    def test_log_is_read_by_everyone(self):
        for role, service in (("leader", "Leader"), ("helper", "Helper")):
            for who, channel in self.channels[role].items():
                with self.subTest(role=role, who=who):
                    self.read_log(channel, PACKAGE + service)

    def read_log(self, channel, service):
        messages = self.messages
        checkpoint = messages.GetCheckpointResponse.FromString(
            self.call(channel, service + "/GetCheckpoint"))
        size = int(checkpoint.checkpoint.split(b"\n")[1])
        self.assertGreaterEqual(size, 1)
        self.assertIn("\N{EM DASH}".encode(), checkpoint.checkpoint)
        entries = messages.GetEntriesResponse.FromString(
            self.call(channel, service + "/GetEntries",
                      messages.GetEntriesRequest(start=0, count=100)))
        self.assertEqual(len(entries.entries), size)
        messages.Proof.FromString(self.call(channel, service + "/GetInclusion",
                                            messages.GetInclusionRequest(index=0, size=size)))
        with self.assertRaises(grpc.RpcError) as caught:
            self.call(channel, service + "/GetEntries",
                      messages.GetEntriesRequest(start=size, count=1))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.OUT_OF_RANGE)

    def test_operator_methods(self):
        import operator_pb2
        for role in SERVED:
            channel = self.channels[role]["operator"]
            for name in ("ListCustomers", "ListPopulations", "ListPlans", "ListRounds"):
                self.call(channel, f"{PACKAGE}Operator/{name}")
            path = self.parties[role].folder / "backup.db"
            backup = operator_pb2.BackupStoreRequest(path=str(path))
            answer = operator_pb2.BackupStoreResponse.FromString(
                self.call(channel, PACKAGE + "Operator/BackupStore", backup))
            self.assertGreaterEqual(answer.log_size, 1)
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.invalid("ARG", channel, PACKAGE + "Operator/BackupStore", backup)  # it is there
            self.invalid("ARG", channel, PACKAGE + "Operator/BackupStore",
                         operator_pb2.BackupStoreRequest(path="relative.db"))

    def test_invitation_goes_to_the_operator_only(self):
        import operator_pb2
        request = operator_pb2.InviteCustomerRequest(name="Acme Ltd", valid_hours=1)
        answer = operator_pb2.InviteCustomerResponse.FromString(
            self.call(self.channels["leader"]["operator"], PACKAGE + "Operator/InviteCustomer",
                      request))
        self.assertIn(b"leader", answer.invitation)
        self.refused(self.channels["leader"]["customer"], PACKAGE + "Operator/InviteCustomer",
                     request)
        self.assertNotIn("Acme Ltd", self.parties["leader"].log())

    def test_rounds_that_do_not_exist(self):
        messages, task = self.messages, bytes(32)
        leader, helper = self.channels["leader"], self.channels["helper"]
        self.refused(leader["observer"], PACKAGE + "Leader/GetResult",
                     messages.GetResultRequest(task_id=task))
        self.refused(leader["customer"], PACKAGE + "Leader/GetStatus",
                     messages.GetStatusRequest(task_id=task, customer=self.customer_key))
        self.refused(leader["customer"], PACKAGE + "Leader/GetStatus",
                     messages.GetStatusRequest(task_id=task, customer=new_verifier_key("other")))
        self.invalid("LENGTH", leader["customer"], PACKAGE + "Leader/GetStatus",
                     messages.GetStatusRequest(task_id=task[1:], customer=self.customer_key))
        for channel, service in ((leader, "Leader"), (helper, "Helper")):
            self.refused(channel["collector"], f"{PACKAGE}{service}/GetAggregateShare",
                         messages.GetAggregateShareRequest(task_id=task))
        self.refused(helper["leader"], PACKAGE + "Helper/PrepareRound",
                     messages.PrepareRoundRequest(plan_id=task, round=1, deadline_ms=1 << 50))
        self.refused(helper["leader"], PACKAGE + "Helper/Reveal",
                     messages.RevealRequest(task_id=task, leader_random=task))
        self.refused(helper["leader"], PACKAGE + "Helper/CommitShare",
                     messages.CommitShareRequest(task_id=task))

    def test_cosign_refuses_another_log(self):
        helper = self.channels["helper"]["leader"]
        checkpoint = self.messages.GetCheckpointResponse.FromString(
            self.call(helper, PACKAGE + "Helper/GetCheckpoint")).checkpoint
        size = int(checkpoint.split(b"\n")[1])
        with self.assertRaises(grpc.RpcError):
            self.call(helper, PACKAGE + "Helper/Cosign", self.messages.CosignRequest(
                start=size, entries=[b""], checkpoint=checkpoint))
        self.read_log(helper, PACKAGE + "Helper")

    # ---- uploads ----

    def upload(self, *chunks, seconds=SECONDS):
        return self.stream(self.channels["leader"]["customer"], PACKAGE + "Leader/Upload",
                           [self.messages.UploadChunk(**chunk) for chunk in chunks], seconds)

    def upload_fails(self, code, text, *chunks):
        with self.assertRaises(grpc.RpcError) as caught:
            self.upload(*chunks)
        self.assertEqual((caught.exception.code(), caught.exception.details()), (code, text))

    def test_upload_bad_streams(self):
        import report_pb2
        header = report_pb2.ReportHeader(task_id=bytes([7]) * 32, customer=self.customer_key)
        report = report_pb2.Report(header=header.SerializeToString(),
                                   signature=bytes(64)).SerializeToString()
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        self.upload_fails(invalid, "LENGTH")
        self.upload_fails(invalid, "LENGTH", {"data": report})
        self.upload_fails(invalid, "LENGTH", {"total_bytes": (64 << 20) + 1, "data": report})
        self.upload_fails(invalid, "LENGTH", {"total_bytes": (1 << 64) - 1, "data": report})
        self.upload_fails(invalid, "LENGTH", {"total_bytes": len(report)})
        self.upload_fails(invalid, "LENGTH", {"total_bytes": len(report), "data": report[:10]})
        self.upload_fails(invalid, "ENCODING", {"total_bytes": 100, "data": bytes(100)})
        self.upload_fails(invalid, "ENCODING", {"total_bytes": 100, "data": b"\x0a"},
                          {"total_bytes": 100, "data": bytes(10)})
        self.upload_fails(invalid, "TRAILING", {"total_bytes": 20, "data": report})
        self.upload_fails(invalid, "LENGTH", {"total_bytes": 2 * CHUNK, "data": bytes(CHUNK + 100)})
        # A round that is not there, whole or in pieces: refused before the rest is asked for.
        self.upload_fails(grpc.StatusCode.PERMISSION_DENIED, "REFUSED",
                          {"total_bytes": len(report), "data": report})
        self.upload_fails(grpc.StatusCode.PERMISSION_DENIED, "REFUSED",
                          {"total_bytes": 64 << 20, "data": report[:20]}, {"data": report[20:90]})

    def test_upload_of_a_silent_client_is_cut_off(self):
        done = threading.Event()

        def chunks():
            yield self.messages.UploadChunk(total_bytes=1000, data=b"\x0a")
            done.wait(SECONDS)

        started = time.monotonic()
        with self.assertRaises(grpc.RpcError) as caught:
            self.channels["leader"]["customer"].stream_unary(
                PACKAGE + "Leader/Upload", request_serializer=as_bytes)(chunks(), timeout=SECONDS)
        done.set()
        self.assertIn(caught.exception.code(),
                      (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED))
        self.assertLess(time.monotonic() - started, 10)

    def test_upload_that_is_cancelled_leaves_nothing(self):
        release = threading.Event()

        def chunks():
            yield self.messages.UploadChunk(total_bytes=1000, data=b"\x0a")
            release.wait(SECONDS)

        call = self.channels["leader"]["customer"].stream_unary(
            PACKAGE + "Leader/Upload", request_serializer=as_bytes).future(chunks(), timeout=SECONDS)
        time.sleep(0.2)
        call.cancel()
        release.set()
        self.read_log(self.channels["leader"]["customer"], PACKAGE + "Leader")

    # ---- who is let in ----

    def test_strangers_do_not_get_through(self):
        leader, helper = self.parties["leader"], self.parties["helper"]
        strangers = {"no certificate": None,
                     "another authority": issue(helper.folder, "evenhand:operator"),
                     "expired": issue(leader.folder, "evenhand:operator", days=-1)}
        for what, certificate in strangers.items():
            with self.subTest(what=what), open_channel(leader, certificate) as channel:
                with self.assertRaises(grpc.RpcError) as caught:
                    self.call(channel, PACKAGE + "Leader/GetCheckpoint")
                self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        with open_channel(leader, issue(leader.folder), trust=helper) as channel:  # a server of another's
            with self.assertRaises(grpc.RpcError) as caught:
                self.call(channel, PACKAGE + "Leader/GetCheckpoint")
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)

    def test_certificates_that_say_nonsense(self):
        leader = self.parties["leader"]
        for uri in ("evenhand:customer/acme", "evenhand:invitation/xyz"):
            with self.subTest(uri=uri), open_channel(leader, issue(leader.folder, uri)) as channel:
                self.expect(grpc.StatusCode.FAILED_PRECONDITION, "KEY", channel,
                            PACKAGE + "Leader/GetCheckpoint", b"")
        for uri in ("evenhand:leader", "evenhand:collector/c"):  # that is said by a fingerprint only
            with self.subTest(uri=uri), open_channel(leader, issue(leader.folder, uri)) as channel:
                self.refused(channel, PACKAGE + "Leader/PublishResult", b"")

    def test_deadline(self):
        with self.assertRaises(grpc.RpcError) as caught:
            self.call(self.channels["leader"]["observer"], PACKAGE + "Leader/GetCheckpoint",
                      seconds=0.0001)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_too_many_calls(self):
        leader = self.parties["leader"]
        codes = set()
        with open_channel(leader, issue(leader.folder)) as channel:
            call = channel.unary_unary("/evenhand.v1.Leader/GetCheckpoint")
            for _ in range(500):
                try:
                    call(b"", timeout=SECONDS)
                except grpc.RpcError as error:
                    codes.add((error.code(), error.details()))
        self.assertEqual(codes, {(grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")})
        self.read_log(self.channels["leader"]["observer"], PACKAGE + "Leader")  # nobody else is hit

    # ---- operations ----

    def page(self, role, path):
        url = f"http://{self.parties[role].metrics}{path}"
        try:
            with urllib.request.urlopen(url, timeout=SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_pages(self):
        self.refused(self.channels["leader"]["observer"], PACKAGE + "Leader/Upload", b"")
        for role in SERVED:
            self.assertEqual(self.page(role, "/healthz"), (200, "alive\n"))
            self.assertEqual(self.page(role, "/readyz"), (200, "ready\n"))
            self.assertEqual(self.page(role, "/other")[0], 404)
            status, text = self.page(role, "/metrics")
            self.assertEqual(status, 200)
            self.assertIn(f'evenhand_info{{role="{role}"', text)
            self.assertNotIn("acme", text)
            cosigned = re.search(r"^evenhand_log_cosigned_entries (\d+)$", text, re.M)
            self.assertGreaterEqual(int(cosigned.group(1)), 1)
        refused = re.search(r'^evenhand_rpc_calls_total\{method="/evenhand.v1.Leader/Upload",'
                            r'code="REFUSED"\} (\d+)$', self.page("leader", "/metrics")[1], re.M)
        self.assertGreaterEqual(int(refused.group(1)), 1)

    def test_log_has_events_only(self):
        self.refused(self.channels["leader"]["observer"], PACKAGE + "Leader/Upload", b"")
        for role in SERVED:
            for line in self.parties[role].log().splitlines():
                self.assertRegex(line, r"^\d{4}-\d\d-\d\dT[\d:.]+Z level=\w+ module=\w+ event=\w+")
                if "event=ready" not in line:
                    self.assertNotIn("127.0.0.1", line)


class Stopping(unittest.TestCase):
    """A deployment that others do not need."""

    def setUp(self):
        self.service = self.enterContext(deployment(start=False))
        self.parties = self.service.parties

    def test_stop_with_a_call_that_hangs(self):
        leader = self.parties["leader"]
        leader.start()  # without its helper
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"http://{leader.metrics}/readyz", timeout=SECONDS)
        self.assertEqual(caught.exception.code, 503)
        self.assertIn(b"helper has not been reached", caught.exception.read())
        key = new_verifier_key("acme")
        release = threading.Event()

        def chunks():
            yield b"\x08\xe8\x07\x12\x01\x0a"  # UploadChunk{total_bytes: 1000, data: "\n"}
            release.wait(SECONDS)

        with open_channel(leader, issue(leader.folder, f"evenhand:customer/{key}")) as channel:
            call = channel.stream_unary(PACKAGE + "Leader/Upload").future(chunks(), timeout=SECONDS)
            time.sleep(0.3)
            started = time.monotonic()
            self.assertEqual(leader.stop(), 0)
            self.assertLess(time.monotonic() - started, 15)
            release.set()
            self.assertIsNotNone(call.exception())
        self.assertFalse(leader.ready_path.exists())

    def test_second_process_and_wrong_folder(self):
        helper, leader = self.parties["helper"], self.parties["leader"]
        helper.start()
        self.assert_ends(7, "second", helper.arguments)
        self.assert_ends(3, "wrong", [AGGREGATOR, "helper", "-c", leader.config])
        self.assertEqual(helper.stop(), 0)

    def assert_ends(self, code, name, arguments):
        process = Server(arguments, self.service.folder, name)
        process.start(wait=False)
        self.assertEqual(process.wait(SECONDS), code, process.log())


if __name__ == "__main__":
    unittest.main()
