"""Geographic charts: places, regions and ways on a map; they ask no server for anything."""

from __future__ import annotations

import plotly.express as px
import plotly.graph_objects as go

FAMILY = "geographic"


def bubble_map() -> go.Figure:
    """The population of 142 countries where they are."""
    countries = px.data.gapminder(centroids=True).query("year == 2007")
    return px.scatter_geo(
        countries,
        lat="centroid_lat",
        lon="centroid_lon",
        size="pop",
        color="continent",
        hover_name="country",
        projection="natural earth",
        size_max=40,
    )


def choropleth() -> go.Figure:
    """Countries coloured by their length of life in 2007."""
    countries = px.data.gapminder().query("year == 2007")
    return px.choropleth(
        countries, locations="iso_alpha", color="lifeExp", hover_name="country", projection="natural earth"
    )


def globe() -> go.Figure:
    """The same places on a globe to be turned."""
    countries = px.data.gapminder(centroids=True).query("year == 2007")
    return px.scatter_geo(
        countries,
        lat="centroid_lat",
        lon="centroid_lon",
        color="lifeExp",
        hover_name="country",
        projection="orthographic",
    ).update_geos(showocean=True, lonaxis_showgrid=True, lataxis_showgrid=True)


def routes() -> go.Figure:
    """Great circles between cities."""
    return px.line_geo(
        lat=[48.9, 40.7, 35.7, -33.9, 48.9], lon=[2.4, -74.0, 139.7, 151.2, 2.4], projection="robinson"
    ).update_geos(showocean=True, lonaxis_showgrid=True, lataxis_showgrid=True)


def election_districts() -> go.Figure:
    """Votes in the districts of Montreal, over outlines of one's own."""
    return px.choropleth(
        px.data.election(),
        geojson=px.data.election_geojson(),
        featureidkey="properties.district",
        locations="district",
        color="Bergeron",
        projection="mercator",
    ).update_geos(fitbounds="locations", visible=False)


CHARTS = (
    ("Bubble map", "scattergeo points countries world places population lat lon", bubble_map),
    ("Choropleth map", "countries regions colour world iso area", choropleth),
    ("Globe", "orthographic sphere earth rotate projection world", globe),
    ("Routes on a map", "lines great circle flight path connection", routes),
    ("Choropleth of districts", "regions geojson polygons election area colour map", election_districts),
)
