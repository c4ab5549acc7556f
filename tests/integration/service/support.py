# SPDX-License-Identifier: Apache-2.0
"""What the tests of the whole service share: where the programs are, folders that go away, plans."""
import contextlib
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "examples"))

from service.deployment import Deployment  # noqa: E402  pylint: disable=wrong-import-position

BIN = pathlib.Path(sys.argv.pop(1)).resolve()  # the first argument of every test: the programs' folder
AGGREGATOR, CLIENT = BIN / "evenhand-aggregator", BIN / "evenhand-client"
SHARED = ROOT.parent / "shared"

POPULATION = """name: {name}
unit: person
adjacency: add-remove
customers_per_unit: 1
budget: {{epsilon: "{epsilon}", delta: "0"}}
accountant: basic-1
"""

SETTINGS = """limits: {{{population}: {{epsilon: "{epsilon}", delta: "0"}}}}
policy: {{plans: accept}}
data:
  population: {population}
  path: {path}
"""


def skip_without_shared(test):
    """Ends the test as skipped, in the words that the summary of all tests knows."""
    if not SHARED.is_dir():
        print(f"[ RUN      ] {test}\nskipped: {SHARED} with shared data and vectors is not there\n"
              f"[  SKIPPED ] {test}")
        sys.exit(0)


@contextlib.contextmanager
def deployment(start=True):
    """A deployment in a temporary folder; its processes are stopped and its folder goes away."""
    with tempfile.TemporaryDirectory(prefix="evenhand-service.") as folder:
        made = Deployment(pathlib.Path(folder) / "service", BIN)
        made.init()
        try:
            if start:
                made.start()
            yield made
        except BaseException:
            for party in made.parties.values():
                print(f"---- {party.role}\n{party.log()[-6000:]}", file=sys.stderr)
            raise
        finally:
            made.stop()
