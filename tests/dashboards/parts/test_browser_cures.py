"""What a notebook needs before its first picture, as far as it can be tested without one."""

import subprocess
import sys

OVERLAPPING = """
import sys, threading, time
import pyviz_comms
from dashboards.parts import browser_cures

{cure}
inside = []
class Comm(pyviz_comms.Comm):
    def send(self, data=None, metadata=None, buffers=None):
        pass
def comm(seconds):
    return Comm(on_msg=lambda message: (inside.append("in"), time.sleep(seconds), inside.append("out")))
before = sys.stdout
first = threading.Thread(target=comm(0.4)._handle_msg, args=({{}},))
second = threading.Thread(target=comm(0.8)._handle_msg, args=({{}},))
first.start()
time.sleep(0.2)
second.start()
first.join()
second.join()
assert inside == {order}, inside
before.write("kept" if sys.stdout is before else "lost")
"""


def said(cure: str, order: list[str]) -> str:
    code = OVERLAPPING.format(cure=cure, order=order)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_events_of_two_outputs_are_answered_in_turn_and_leave_standard_output() -> None:
    assert said("browser_cures._answer_in_turn()", ["in", "out", "in", "out"]) == "kept"


def test_without_the_cure_standard_output_is_lost() -> None:
    assert said("", ["in", "in", "out", "out"]) == "lost"
