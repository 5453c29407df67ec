"""How a page looks around its pictures: colours, Material theme, template; for shell and gallery."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import panel_material_ui as pmui

from dashboards.parts.theme import Mode

__all__ = [
    "FONT",
    "MARK",
    "MARK_SVG",
    "PAGE_SX",
    "PAGE_TEMPLATE",
    "THEME_COOKIE",
    "chrome_css",
    "is_narrow",
    "material_theme",
    "theme_of",
]

_PARTS = Path(__file__).resolve().parent

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
"""The same as in the pictures (dashboards/parts/theme.py)."""

THEME_COOKIE = "brushlink-theme"
_SYSTEM_COOKIE = "brushlink-system"
_WIDTH_COOKIE = "brushlink-width"

_COLORS: dict[Mode, dict[str, str]] = {
    "light": {
        "ground": "#FFFFFF",
        "side": "#F7F8FA",
        "raised": "#FFFFFF",
        "ink": "#20262E",
        "quiet": "#5A6472",
        "edge": "#E3E7EB",
        "line": "#C3CAD2",
        "accent": "#0072B2",
        "accent_ink": "#FFFFFF",
    },
    "dark": {
        "ground": "#15181D",
        "side": "#1B1F24",
        "raised": "#22272E",
        "ink": "#E8EAED",
        "quiet": "#A9B1BC",
        "edge": "#2E343C",
        "line": "#4A525C",
        "accent": "#56B4E9",
        "accent_ink": "#0B1116",
    },
}


MARK_SVG = (_PARTS.parent / "assets" / "mark.svg").read_text(encoding="utf-8")
"""The sign of the project: a brushed box that meets another picture's circle."""

MARK = "data:image/svg+xml," + quote(MARK_SVG)
"""The same as the address of a picture."""

PAGE_TEMPLATE = (_PARTS / "page.html").read_text(encoding="utf-8")
"""Jinja template of a page, over the one of pmui; needs `template_variables`."""


def theme_of(cookies: Mapping[str, str], asked: str | None = None) -> Mode:
    """Return the mode a page opens in: what the address asks, else the choice remembered, else the system's.

    Parameters
    ----------
    cookies : mapping
        Of the request.
    asked : str, optional
        Value of ``theme`` in the address.
    """
    for wish in (asked, cookies.get(THEME_COOKIE), cookies.get(_SYSTEM_COOKIE)):
        if wish in ("dark", "light"):
            return "dark" if wish == "dark" else "light"
    return "light"


_QUIET = {"props": {"color": "default"}, "style": {"color": "var(--brushlink-quiet)"}}

# Controls of a sidebar in the size of its text: Material's own are made for forms.
_COMPONENTS = {
    # A floating label is its own size times the scale: 12 px, and the gap in the frame as wide.
    "MuiInputLabel": {
        "styleOverrides": {
            "root": {"fontSize": "14px"},
            "shrink": {"transform": "translate(14px, -9px) scale(0.857)"},
        }
    },
    "MuiOutlinedInput": {"styleOverrides": {"notchedOutline": {"& legend": {"fontSize": "0.857em"}}}},
    # pmui draws them dark grey on a dark page.
    "MuiIconButton": {"styleOverrides": {"root": {"variants": [_QUIET]}}},
    "MuiFormLabel": {"styleOverrides": {"root": {"fontSize": "13px"}}},
    "MuiInputBase": {"styleOverrides": {"root": {"fontSize": "14px"}}},
    "MuiMenuItem": {"styleOverrides": {"root": {"fontSize": "14px"}}},
    "MuiFormControlLabel": {"styleOverrides": {"label": {"fontSize": "13px"}}},
    "MuiButton": {"defaultProps": {"disableElevation": True}},
    "MuiToggleButton": {"styleOverrides": {"root": {"textTransform": "none", "fontSize": "13px"}}},
    # The drawers keep clear of a bar of 48 px; on a phone they hang outside of the page's own styles.
    "MuiToolbar": {"styleOverrides": {"root": {"minHeight": "49px !important"}}},
    "MuiDrawer": {"styleOverrides": {"paper": {"backgroundImage": "none"}}},
    "MuiTooltip": {"styleOverrides": {"tooltip": {"fontSize": "12px"}}},
}


def material_theme() -> dict[str, Any]:
    """Return the Material theme of a page in both modes."""
    theme: dict[str, Any] = {}
    for mode, color in _COLORS.items():
        theme[mode] = {
            "palette": {
                "primary": {"main": color["accent"], "contrastText": color["accent_ink"]},
                "background": {"default": color["ground"], "paper": color["ground"]},
                "text": {"primary": color["ink"], "secondary": color["quiet"]},
                "divider": color["edge"],
            },
            "typography": {
                "fontFamily": FONT,
                "body1": {"fontSize": "14px"},
                "body2": {"fontSize": "13px"},
                "button": {"textTransform": "none", "fontSize": "13px"},
            },
            "shape": {"borderRadius": 8},
            "components": _COMPONENTS,
        }
    return theme


PAGE_SX: dict[str, Any] = {
    "& > header.header": {
        "backgroundColor": "background.default",
        "backgroundImage": "none",
        "color": "text.primary",
        "boxShadow": "none",
        "borderBottom": "1px solid",
        "borderColor": "divider",
    },
    "& > header.header .MuiToolbar-root": {
        "minHeight": "48px",
        "px": {"xs": "8px", "sm": "12px"},
        "gap": "2px",
    },
    "& > header.header .MuiToolbar-root > button": {"m": 0, "borderRadius": "8px", "p": "7px"},
    # The drawer at the right is opened from our bar.
    "& > header.header button[aria-label$='contextbar']": {"display": "none"},
    # The progress line lies on the lower edge of the bar and takes no room.
    "& > header.header > .MuiLinearProgress-root": {
        "position": "absolute",
        "bottom": "-2px",
        "height": "2px",
        "backgroundColor": "transparent",
    },
    "& nav .MuiToolbar-root, & main .MuiToolbar-root": {"minHeight": "49px", "m": 0},
    "& .sidebar": {
        "backgroundColor": "var(--brushlink-side)",
        "borderRight": "1px solid",
        "borderColor": "divider",
    },
    "& .contextbar": {"maxWidth": "100vw", "borderLeft": "1px solid", "borderColor": "divider"},
}
"""What makes pmui's page quiet: a white bar of 48 px with a thin line under it, no colours of its own."""


def is_narrow(cookies: Mapping[str, str], headers: Mapping[str, Any]) -> bool:
    """Whether a page opens with its controls folded away, because it is too narrow for both.

    Parameters
    ----------
    cookies, headers : mapping
        Of the request. The width comes from a cookie, on a first visit from what the browser calls itself.
    """
    known = cookies.get(_WIDTH_COOKIE)
    if known in ("narrow", "wide"):
        return known == "narrow"
    return headers.get("Sec-Ch-Ua-Mobile") == "?1" or "Mobi" in str(headers.get("User-Agent", ""))


def chrome_css(mode: Mode) -> str:
    """Return the colours of a mode as CSS variables: --brushlink-ground, --brushlink-ink, …."""
    return " ".join(f"--brushlink-{use.replace('_', '-')}: {color};" for use, color in _COLORS[mode].items())


def template_variables(mode: Mode, narrow: bool) -> dict[str, str]:
    """Return what `PAGE_TEMPLATE` needs to show a page right from its first paint on; called in a session."""
    return {
        "brushlink_light": chrome_css("light"),
        "brushlink_dark": chrome_css("dark"),
        "brushlink_font": FONT,
        # As each Material component of the session names it: the same address is the same module.
        "brushlink_material": pmui.Page._render_esm(server=True),
        "brushlink_mode": mode,
        "brushlink_width": "narrow" if narrow else "wide",
    }
