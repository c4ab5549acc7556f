# SPDX-License-Identifier: Apache-2.0
"""A whole deployment on this machine: leader, helper, collector, and customers that have joined. Every
process listens on loopback and has a folder of its own, as if it were somewhere else."""
import pathlib
import re
import time

from .process import CommandFailed, Server, free_port, run, run_json

ROLES = ("leader", "helper", "collector")
UNREACHABLE = 5
POLL_SECONDS = 0.1


class Customer:
    """A customer's folder: keys, configuration, ledger, mirror of the log."""

    def __init__(self, deployment, name):
        self.deployment = deployment
        self.name = name
        self.folder = deployment.folder / "customers" / name
        self.invitation = self.folder / "invitation.yaml"
        # Organisations may have names that no file can have.
        self.stem = name if re.fullmatch(r"\w[\w.-]*", name, re.ASCII) else "site"
        self.config = self.folder / f"{self.stem}.yaml"

    def client(self, *arguments, expect=0, environment=None):
        return run([self.deployment.bin / "evenhand-client", *arguments], expect, self.folder,
                   environment)

    def client_json(self, *arguments, expect=0):
        return run_json([self.deployment.bin / "evenhand-client", *arguments, "--json"],
                        expect=expect, folder=self.folder)

    def enrol(self):
        """Asks to join; after the approvals, asks again and gets the certificate."""
        self.client("enrol", "-q", "--name", self.stem, self.invitation.name)

    def add_settings(self, text):
        """What is to be filled in by hand in the configuration that enrolling has written, the policy
        among it."""
        lines = self.config.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("policy:")]
        self.config.write_text("".join(kept) + text, encoding="utf-8")

    def submit(self, plan, number, *options, expect=0, environment=None):
        return self.client("submit", "-q", "-c", self.config, "-p", plan, "-n", number, *options,
                           expect=expect, environment=environment)


class Party(Server):
    """A party's folder with its settings, and its process."""

    def __init__(self, program, place, role):
        self.program, self.role = program, role
        self.folder = place / role
        self.config = self.folder / "aggregator.yaml"
        self.address = f"127.0.0.1:{free_port()}"
        self.metrics = f"127.0.0.1:{free_port()}"
        super().__init__([program, role, "-c", self.config], place, role)

    def init(self):
        listen = [] if self.role == "collector" else ["--listen", self.address]
        run([self.program, "init", "-q", self.role, self.folder, "--name", f"{self.role}.localhost",
             "--metrics", self.metrics, *listen])

    def pair(self, other):
        run([self.program, "init", "-q", "--peer", other.folder / "introduction.yaml", self.folder])

    def add_settings(self, text):
        with open(self.config, "a", encoding="utf-8") as file:
            file.write(text)


class Deployment:
    """Three parties in three folders, paired; start them before customers join."""

    def __init__(self, folder, bin_folder):
        self.folder = pathlib.Path(folder).resolve()
        self.bin = pathlib.Path(bin_folder).resolve()
        self.customers = {}
        self.parties = {role: Party(self.aggregator_program, self.folder, role) for role in ROLES}

    @property
    def aggregator_program(self):
        return self.bin / "evenhand-aggregator"

    def config(self, role):
        return self.parties[role].config

    def init(self):
        """Makes the three parties, and lets each have the introductions of the other two."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for party in self.parties.values():
            party.init()
        for party in self.parties.values():
            for other in self.parties.values():
                if other is not party:
                    party.pair(other)

    def start(self, *roles):
        for role in roles or ("helper", "leader", "collector"):
            self.parties[role].start()

    def stop(self, *roles):
        """Stops what runs; gives the exit codes."""
        return {role: self.parties[role].stop() for role in roles or reversed(ROLES)}

    def operator(self, role, *arguments, expect=0):
        """A command of an operator; gives its output."""
        return run([self.aggregator_program, *arguments, "-q", "-c", self.config(role)], expect)[0]

    def operator_json(self, role, *arguments):
        return run_json([self.aggregator_program, *arguments, "--json", "-c", self.config(role)])

    def add_customers(self, names):
        """Invites organisations, lets them ask to join, approves them on both sides."""
        for name in names:
            customer = Customer(self, name)
            customer.folder.mkdir(parents=True, exist_ok=True)
            self.operator("leader", "customer", "invite", name, "--out", customer.invitation)
            customer.enrol()
            self.customers[name] = customer
        # The leader passes what it has approved on to the helper, whose operator sees it there.
        self.operator("leader", "customer", "approve", *names)
        self.wait_for("the requests at the helper", lambda: self.requests_at_helper(names))
        self.operator("helper", "customer", "approve", *names)
        self.operator("leader", "customer", "approve", *names)
        for name in names:
            self.customers[name].enrol()

    def requests_at_helper(self, names):
        rows = self.operator_json("helper", "customer", "list")["customers"]
        return set(names) <= {row["name"] for row in rows}

    def wait_for(self, what, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}: not within {seconds} seconds")
            time.sleep(POLL_SECONDS)

    def publish(self, plan, population):
        self.operator("leader", "population", "add", population)
        self.operator("leader", "plan", "publish", "-p", plan, "--population", population)

    def open_round(self, plan, number, duration="1h"):
        """Opens a round and waits until customers may send."""
        self.operator("leader", "round", "open", "-p", plan, "-n", number, "--for", duration)

    def status(self, plan, number):
        """The round ("round") and what became of each customer's report ("reports")."""
        return self.operator_json("leader", "round", "status", "-p", plan, "-n", number)

    def close_round(self, plan, number):
        self.operator("leader", "round", "close", "-p", plan, "-n", number)

    def wait_for_state(self, plan, number, *states, seconds=60):
        def reached():
            try:
                return self.status(plan, number)["round"]["state"] in states
            except CommandFailed as failed:
                if failed.code != UNREACHABLE:
                    raise
                return False
        self.wait_for(f"round {number} to be {' or '.join(states)}", reached, seconds)
        return self.status(plan, number)
