"""What a notebook needs before its first picture, as far as it can be tested without one."""

import subprocess
import sys

# The first answer ends when the second has begun, if that may begin; the second when the first is over.
OVERLAPPING = """
import sys, threading
import pyviz_comms
from dashboards.parts import browser_cures

{cure}
inside = []
first_in, second_in = threading.Event(), threading.Event()
class Comm(pyviz_comms.Comm):
    def send(self, data=None, metadata=None, buffers=None):
        pass
def answer_first(message):
    inside.append("in")
    first_in.set()
    second_in.wait({patience})
    inside.append("out")
def answer_second(message):
    inside.append("in")
    second_in.set()
    first.join()
    inside.append("out")
before = sys.stdout
first = threading.Thread(target=Comm(on_msg=answer_first)._handle_msg, args=({{}},))
second = threading.Thread(target=Comm(on_msg=answer_second)._handle_msg, args=({{}},))
first.start()
assert first_in.wait(60)
second.start()
second.join()
assert inside == {order}, inside
before.write("kept" if sys.stdout is before else "lost")
"""


def said(cure: str, order: list[str], patience: float) -> str:
    code = OVERLAPPING.format(cure=cure, order=order, patience=patience)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_events_of_two_outputs_are_answered_in_turn_and_leave_standard_output() -> None:
    assert said("browser_cures._answer_in_turn()", ["in", "out", "in", "out"], 1) == "kept"


def test_without_the_cure_standard_output_is_lost() -> None:
    assert said("", ["in", "in", "out", "out"], 60) == "lost"
