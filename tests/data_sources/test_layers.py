"""This floor works without Panel and Plotly, as in a batch job, and loads little before it is used."""

from __future__ import annotations

import subprocess
import sys


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tables_work_with_panel_and_plotly_blocked() -> None:
    out = run(
        "import sys\n"
        "for name in ('panel', 'plotly', 'bokeh', 'param', 'dashboards', 'segmentation'):\n"
        "    sys.modules[name] = None\n"  # an import of it raises ImportError
        "import data_sources\n"
        "for name in data_sources.__all__:\n"
        "    getattr(data_sources, name)\n"
        "table = data_sources.gapminder().at(2007)\n"
        "print(int(table.total('pop')), len(data_sources.read_table(b'a,b\\n1,2\\n')))\n"
    )
    assert out.split() == ["6251013179", "1"]


def test_importing_the_package_loads_no_pandas() -> None:
    assert run(
        "import sys, data_sources; print('pandas' in sys.modules, 'numpy' in sys.modules)"
    ).split() == [
        "False",
        "False",
    ]


def test_unknown_names_are_attribute_errors() -> None:
    import data_sources

    assert set(data_sources.__all__) <= set(dir(data_sources))
    assert not hasattr(data_sources, "nothing_of_the_kind")


def test_volumes_work_with_panel_and_plotly_blocked_and_load_nibabel_only_for_nifti() -> None:
    out = run(
        "import sys, numpy\n"
        "for name in ('panel', 'plotly', 'bokeh', 'param', 'dashboards', 'segmentation', 'nilearn'):\n"
        "    sys.modules[name] = None\n"
        "from data_sources import volumes\n"
        "for name in volumes.__all__:\n"
        "    getattr(volumes, name)\n"
        "volume = volumes.Volume(numpy.zeros((3, 4, 5)), spacing=(2, 1, 1))\n"
        "print(volume.slice(0, 1).shape, 'nibabel' in sys.modules)\n"
    )
    assert out.split() == ["(4,", "5)", "False"]
