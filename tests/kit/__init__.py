"""What the live tests, the kill harness and the bench have in common: real servers, the worker under
test, topics and the offset file. Python 3 with confluent-kafka; a program that imports it is started
again by tests/stack/python where the module is missing."""
import os
import signal
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

try:
    import confluent_kafka  # noqa: F401
except ImportError:
    if os.environ.get("PENSTOCK_KIT_PYTHON"):
        raise
    os.environ["PENSTOCK_KIT_PYTHON"] = "1"
    os.execv(TOP + "/tests/stack/python", [TOP + "/tests/stack/python", *sys.argv])

# Whatever is started is ended in `finally` clauses: let SIGTERM run those too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
