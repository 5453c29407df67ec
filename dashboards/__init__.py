"""The dashboards, handed out lazily: `from dashboards import GapminderExplorer`."""
