#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A report that evenhand-client has made and sealed, uploaded by a stock gRPC client with messages that
stock protoc has generated: it is taken once, counts once, and a repetition gets the same receipt."""
import hashlib
import pathlib
import tempfile
import unittest

import grpc

from exact import NAMES, ExactRounds
from stock import Certificate, make_stubs, open_channel

SECONDS = 20
UPLOAD = "/evenhand.v1.Leader/Upload"


class StockUpload(ExactRounds):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stubs = tempfile.TemporaryDirectory()
        cls.addClassCleanup(stubs.cleanup)
        make_stubs(pathlib.Path(stubs.name))
        import report_pb2
        import service_pb2
        cls.reports, cls.messages = report_pb2, service_pb2

    def channel(self, name):
        """With the files that enrolling has written for the customer."""
        folder = self.service.customers[name].folder
        made = open_channel(self.service.parties["leader"],
                            Certificate((folder / f"{name}.pem").read_bytes(),
                                        (folder / f"{name}.key").read_bytes()))
        self.addCleanup(made.close)
        return made

    def upload(self, channel, report, chunk_bytes):
        """The receipt. The first chunk says how long the whole is."""
        chunks = [self.messages.UploadChunk(data=report[at:at + chunk_bytes])
                  for at in range(0, len(report), chunk_bytes)]
        chunks[0].total_bytes = len(report)
        call = channel.stream_unary(UPLOAD, request_serializer=lambda chunk: chunk.SerializeToString(),
                                    response_deserializer=self.reports.Receipt.FromString)
        return call(iter(chunks), timeout=SECONDS)

    def make_report(self, name, number):
        customer = self.service.customers[name]
        path = customer.folder / f"report-{number}.bin"
        customer.submit(self.plan, number, "--no-upload", "--out", path)
        return path.read_bytes()

    def test_report_is_taken_once(self):
        number = self.next_round()
        self.open(number)
        report = self.make_report("north", number)
        read = self.reports.Report.FromString(report)
        self.assertEqual(report, read.SerializeToString())
        channel = self.channel("north")
        first = self.upload(channel, report, 100)
        header = self.reports.ReportHeader.FromString(read.header)
        self.assertEqual(header.task_id, first.task_id)
        self.assertEqual(hashlib.sha256(read.header).digest(), first.report_hash)
        self.assertEqual(64, len(first.leader_signature))
        # Again, cut otherwise, on another connection.
        self.assertEqual(first, self.upload(self.channel("north"), report, 1 << 20))
        # Changed in one bit it is another report, and none of the customer's.
        changed = bytearray(report)
        changed[-1] ^= 1
        with self.assertRaises(grpc.RpcError) as caught:
            self.upload(channel, bytes(changed), 1 << 20)
        self.assertNotEqual(grpc.StatusCode.OK, caught.exception.code())
        # Somebody else's certificate does not do.
        with self.assertRaises(grpc.RpcError) as caught:
            self.upload(self.channel("south"), report, 1 << 20)
        self.assertEqual((grpc.StatusCode.PERMISSION_DENIED, "REFUSED"),
                         (caught.exception.code(), caught.exception.details()))
        self.assertEqual(1, self.service.status(self.plan, number)["round"]["received"])
        for name in NAMES[1:]:
            self.submit(name, number)
        self.assertEqual(1, self.charges("north", number))
        self.close_and_check(number)
        self.assertEqual(first, self.upload(channel, report, 1 << 20))


if __name__ == "__main__":
    unittest.main()
