"""HoloViews is loaded behind the page: the event loop of a server goes on meanwhile."""

import subprocess
import sys

# A process of its own: in this one HoloViews may be there already.
SCRIPT = """
import asyncio, sys, time
import dashboards.anatomy
from dashboards.parts.holoviews_figure import load_in_background

assert "holoviews" not in sys.modules, "no page needs it before there is such a chart"

async def tick(thread):
    ticks = 0
    while thread.is_alive():
        await asyncio.sleep(0.005)
        ticks += 1
    return ticks

thread = load_in_background()
assert load_in_background() is thread, "once a process"
print(asyncio.run(tick(thread)), "holoviews.plotting.plotly" in sys.modules)
"""


def test_the_server_answers_while_holoviews_is_loaded():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    ticks, loaded = done.stdout.split()
    assert loaded == "True"
    # Loaded in the event loop there would be none.
    assert int(ticks) >= 10
