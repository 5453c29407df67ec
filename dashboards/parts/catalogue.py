"""The dashboards that exist, without Panel: for the gallery, the command line and the lazy package."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashboards.parts.dashboard import Dashboard

__all__ = ["DASHBOARDS", "Entry", "entry", "load"]

FOLDER = Path(__file__).resolve().parent.parent
PICTURES = FOLDER / "assets"


@dataclass(frozen=True)
class Entry:
    """What is said of a dashboard where it is not running.

    Attributes
    ----------
    slug : str
        Name of its file and last part of its address.
    class_name : str
        Class in that file.
    title : str
        Name for people.
    sentence : str
        What one can do with it.
    tags : tuple of str
        What the gallery filters by.
    demos : tuple of str
        Parts of the talk "Data Visualization with Plotly" that it rebuilds.
    search : tuple of str
        More words that find it: what it does, in the words of those who look for it.
    card_view : str
        Query of the view that its card shows.
    """

    slug: str
    class_name: str
    title: str
    sentence: str
    tags: tuple[str, ...]
    demos: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    card_view: str = ""

    @property
    def file(self) -> Path:
        """The file of the dashboard."""
        return FOLDER / f"{self.slug}.py"

    def picture(self, mode: str = "light") -> Path:
        """Return the picture of its card in a mode, "light" or "dark" (`docs/make_cards.py`)."""
        return PICTURES / f"{self.slug}-{mode}.webp"


DASHBOARDS: tuple[Entry, ...] = (
    Entry(
        slug="gapminder",
        class_name="GapminderExplorer",
        title="Gapminder explorer",
        sentence=(
            "Brush a histogram of 142 countries: bars, sunburst, treemap, facets and time lines answer. "
            "Or bring a table of your own."
        ),
        tags=("tables", "linked views", "hierarchy", "time"),
        demos=("D2", "D3", "D4", "D5", "D6", "D7", "D8"),
        search=(
            "hierarchical drill down sunburst treemap histogram rug marginal bar chart stacked sorted",
            "facet facets small multiples trellis scatter bubble log axis income wealth",
            "crossfilter brushing linking selection filter life expectancy gdp population country continent",
            "csv excel parquet upload own data year animation player slider time series distribution",
        ),
        card_view="v=1&s=%7B~histogram_lifeExp~:%5B~iv~,~lifeExp~,40,60%5D%7D",
    ),
    Entry(
        slug="worldmap",
        class_name="WorldMap",
        title="World map",
        sentence=(
            "Lasso countries on a map that runs through the years: histogram, bars and time lines answer. "
            "Or bring a GeoJSON file with its table."
        ),
        tags=("maps", "tables", "linked views", "time"),
        demos=("D10",),
        search=(
            "choropleth geographic map geojson topojson boundaries shapes regions countries districts iso",
            "lasso box select click projection globe orthographic mercator zoom pan colour scale log classes",
            "year slider animation player time lines sorted bar ranking histogram crossfilter selection",
            "csv excel upload own data missing values election montreal gapminder",
        ),
        card_view=(
            "v=1&s=%7B~map_country~:%5B~poly~,~map_longitude~,~map_latitude~,%5B-20"
            ",16,-10,37,12,38,30,33,36,26,44,11,54,12,56,-26,20,-37,5,2,-12,4%5D%5D%7D"
        ),
    ),
    Entry(
        slug="region",
        class_name="RegionHistogram",
        title="Region histogram",
        sentence=(
            "Read the pixels of an image, select regions by box and lasso, and brush histograms to light up "
            "the pixels they count. Bring your own image, up to 16 bits and many channels."
        ),
        tags=("images", "linked views", "measuring"),
        demos=("D12", "D13"),
        search=(
            "image picture photo microscope pixel values read-out hover rgb channel contrast limits zoom",
            "roi region of interest box lasso histogram mean percentile statistics profile line scan",
            "mask threshold segment brush highlight tiff png jpeg numpy zarr volume stack 16 bit channels",
        ),
        card_view="v=1&r=%5B%5B~box~,91.5,83.5,156.5,173.5%5D%5D&b=%5B%5B0,-0.5,111.5%5D%5D",
    ),
    Entry(
        slug="annotate",
        class_name="ShapeAnnotator",
        title="Shape annotator",
        sentence=(
            "Draw lines, rectangles, ellipses and areas on images: a table measures them, and everything you "
            "drew is there when you come back. Loose contours find the exact edge."
        ),
        tags=("images", "drawing", "measuring"),
        demos=("D14", "D15"),
        search=(
            "annotate annotation draw shapes rectangle circle ellipse line polygon freehand path erase undo",
            "measure area length perimeter mean intensity pixel size micrometre roi bounding box",
            "contour outline edge watershed random walker snake segmentation lasso magic organ coin cell",
            "label map mask geojson qupath csv export import autosave keep",
        ),
        card_view="v=1&e=1&x=1",
    ),
    Entry(
        slug="segment",
        class_name="TrainableSegmentation",
        title="Trainable segmentation",
        sentence=(
            "Draw a few strokes on an image: a classifier of pixels learns them and paints the whole image "
            "while you draw. Measure what it found, and take the model home."
        ),
        tags=("images", "drawing", "machine learning"),
        demos=("D16", "D17"),
        search=(
            "pixel classifier random forest neural network annotate strokes scribbles brush label train",
            "microscopy cells nuclei materials regions measure count area features probability uncertainty",
            "ilastik weka labkit segmentation mask export geojson model skops live interactive training",
        ),
        card_view="v=1&x=1",
    ),
    Entry(
        slug="volume",
        class_name="VolumeExplorer",
        title="Volume explorer",
        sentence=(
            "Leaf through a brain in three planes, find a lesion from a few strokes, and turn it in 3-D. "
            "Bring your own NIfTI, TIFF stack or NPY."
        ),
        tags=("volumes", "drawing", "machine learning", "measuring"),
        demos=("D18",),
        search=(
            "3-D three dimensional volume slices axial coronal sagittal crosshair planes mri ct brain",
            "lesion tumour segmentation scribble strokes region growing random walker classifier",
            "window level histogram mesh surface marching cubes stl nifti affine spacing millilitre",
            "medical radiology microscopy stack tiff npy voxels camera rotate mask export",
        ),
        card_view="v=1&x=1",
    ),
    Entry(
        slug="anatomy",
        class_name="FigureAnatomy",
        title="Figure anatomy",
        sentence=(
            "See what a Plotly figure is made of: click an element to find its path, edit it in any of three "
            "spellings, copy the code. With 58 charts to start from."
        ),
        tags=("figures", "learning", "chart catalogue"),
        demos=("D1", "D20"),
        search=(
            "graph objects express magic underscores attributes path tree inspector json dict layout",
            "chart gallery catalogue search hierarchical statistical heat map geographic 3-D image",
            "edit title font size axis legend annotation copy as python code difference holoviews hvplot",
        ),
        card_view="v=1&c=bubbles",
    ),
    Entry(
        slug="callbacks",
        class_name="CallbackGraph",
        title="Callback graph",
        sentence=(
            "Watch what a dashboard does: which widget or event sets which parameter, which function runs, "
            "and which picture changes, for every dashboard here."
        ),
        tags=("events", "for developers", "callbacks"),
        demos=("D9",),
        search=(
            "hello world text input keystroke title callback graph dependency param depends watch bind",
            "developer tools debug latency counter payload widget function network diagram",
        ),
        card_view="v=1&d=gapminder",
    ),
    Entry(
        slug="events",
        class_name="EventStreams",
        title="Event streams",
        sentence=(
            "See every event of a Plotly figure as it happens: what it carries, what it weighs, how often it "
            "comes, and the Python that catches it."
        ),
        tags=("events", "for developers", "limits"),
        demos=("D11", "D19"),
        search=(
            "hover click double-click select box lasso zoom relayout restyle legend annotation shapes",
            "viewport payload json callback handler copy as python panel debug time line rate bytes",
            "limit budget ten million points isosurface voxels slow freeze browser n of m shown",
        ),
        card_view="v=1&f=four-points",
    ),
)


def entry(slug: str) -> Entry:
    """Return the entry of a dashboard.

    Raises
    ------
    KeyError
        With the slugs that exist, when there is none of that name.
    """
    for candidate in DASHBOARDS:
        if candidate.slug == slug:
            return candidate
    raise KeyError(f"no dashboard {slug!r}; there are {', '.join(item.slug for item in DASHBOARDS)}")


def load(slug: str) -> type[Dashboard]:
    """Import the module of a dashboard and return its class: the one copy, however the page was started."""
    found = entry(slug)
    module = importlib.import_module(f"dashboards.{found.slug}")
    return getattr(module, found.class_name)
