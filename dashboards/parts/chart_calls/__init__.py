"""One function a chart, family by family; read by `dashboards.parts.chart_catalogue` alone."""
