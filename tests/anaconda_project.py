"""Checks an `anaconda-project.yml` by its schema and by the rules of the HoloViz examples gallery; for tests.

The upstream parser is not on PyPI, so its rules are written down here, as are those of the gallery.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

ROOT_KEYS = {
    "name", "description", "icon", "variables", "downloads", "services", "env_specs", "commands", "packages",
    "dependencies", "channels", "platforms", "skip_imports", "user_fields",
}  # fmt: skip
SPEC_KEYS = {
    "packages", "dependencies", "channels", "platforms", "description", "inherit_from", "variables",
    "services", "downloads",
}  # fmt: skip
LAUNCHERS = ({"unix"}, {"windows"}, {"unix", "windows"}, {"notebook"}, {"bokeh_app"}, {"conda_app_entry"})
COMMAND_KEYS = {"description", "env_spec", "supports_http_options", "variables", "registers_fusion_function"}
HASHES = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"}
PLATFORMS = {"linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"}

GALLERY_ROOT_KEYS = {
    "name", "description", "examples_config", "user_fields", "channels", "packages", "dependencies",
    "commands", "platforms",
}  # fmt: skip
GALLERY_CONFIG = {"created", "maintainers", "labels", "categories"}
GALLERY_OPTIONAL = {
    "last_updated", "title", "deployments", "notebooks_to_skip", "skip_notebooks_evaluation",
    "no_data_ingestion", "gh_runner", "skip_test",
}  # fmt: skip
GALLERY_CATEGORIES = {
    "Featured", "Geospatial", "Finance", "Economics", "Mathematics", "Neuroscience", "Cybersecurity",
    "Networks", "Other Sciences", "Sports",
}  # fmt: skip
SERVE_OPTIONS = "--rest-session-info --session-history -1"

CONDA_SPEC = re.compile(r"^([a-z0-9][a-z0-9._-]*) ?((?:[=<>!~]=?[0-9][0-9a-zA-Z.*+]*,?)*)$")


def strings(value: Any) -> bool:
    """Whether a value is a list of strings that say something."""
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def parse_packages(packages: Any) -> dict[str, str]:
    """Return name → version range of a list of conda specs, with those under `pip` among them.

    Raises
    ------
    ValueError
        For an entry that is neither a conda spec nor the one mapping `pip: [...]`.
    """
    found: dict[str, str] = {}
    pips = 0
    for entry in packages:
        if isinstance(entry, Mapping):
            pips += 1
            if set(entry) != {"pip"} or not strings(entry["pip"]) or pips > 1:
                raise ValueError(f"only one mapping `pip: [...]` is allowed among packages, not {entry!r}")
            found.update(parse_packages(entry["pip"]))
            continue
        match = CONDA_SPEC.match(entry) if isinstance(entry, str) else None
        if match is None:
            raise ValueError(f"{entry!r} is not a package specification")
        if match[1] in found:
            raise ValueError(f"{match[1]} is named twice")
        found[match[1]] = match[2]
    return found


def schema_problems(project: Any) -> Iterator[str]:
    """Yield what the upstream parser calls a problem or a suggestion."""
    if not isinstance(project, Mapping):
        yield "the file is not a mapping"
        return
    extra = project.get("user_fields", [])
    if not strings(extra):
        yield "user_fields is not a list of names"
        extra = []
    for key in project.keys() - ROOT_KEYS - set(extra):
        yield f"unknown key {key!r}"
    if not isinstance(project.get("name"), str) or not project["name"].strip():
        yield "name is missing"
    if not isinstance(project.get("description", ""), str):
        yield "description is not text"
    for key in ("packages", "dependencies"):
        yield from _package_problems(key, project.get(key, []))
    if project.get("packages", []) != project.get("dependencies", project.get("packages", [])):
        yield "packages and dependencies differ"
    if not strings(project.get("channels", [])):
        yield "channels is not a list of names"
    platforms = project.get("platforms", [])
    if not strings(platforms) or set(platforms) - PLATFORMS:
        yield f"platforms must be among {sorted(PLATFORMS)}"
    specs = project.get("env_specs", {})
    for name, spec in specs.items():
        yield from _spec_problems(name, spec or {}, set(specs))
    for name, variable in _as_items(project.get("variables", [])):
        if not isinstance(variable, str | None) and not (
            isinstance(variable, Mapping) and variable.keys() <= {"default", "description", "encrypted"}
        ):
            yield f"variable {name}: {variable!r} is not allowed"
    for name, download in project.get("downloads", {}).items():
        yield from _download_problems(name, download)
    for name, command in project.get("commands", {}).items():
        yield from _command_problems(name, command, set(specs) or {"default"})


def _as_items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else [(name, None) for name in value]


def _package_problems(where: str, packages: Any) -> Iterator[str]:
    if not isinstance(packages, list):
        yield f"{where} is not a list"
        return
    try:
        parse_packages(packages)
    except ValueError as error:
        yield f"{where}: {error}"


def _spec_problems(name: str, spec: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    for key in spec.keys() - SPEC_KEYS:
        yield f"env_spec {name}: unknown key {key!r}"
    for key in ("packages", "dependencies"):
        yield from _package_problems(f"env_spec {name}: {key}", spec.get(key, []))
    parents = spec.get("inherit_from", [])
    for parent in [parents] if isinstance(parents, str) else parents:
        if parent not in names:
            yield f"env_spec {name}: inherits from {parent!r}, which does not exist"


def _download_problems(name: str, download: Any) -> Iterator[str]:
    if isinstance(download, str):
        return
    if not isinstance(download, Mapping) or not isinstance(download.get("url"), str):
        yield f"download {name}: no url"
        return
    if len(download.keys() & HASHES) > 1:
        yield f"download {name}: more than one hash"
    for key in download.keys() - HASHES - {"url", "filename", "unzip", "description"}:
        yield f"download {name}: unknown key {key!r}"


def _command_problems(name: str, command: Any, specs: set[str]) -> Iterator[str]:
    if not isinstance(command, Mapping):
        yield f"command {name} is not a mapping"
        return
    launchers = set(command) & set().union(*LAUNCHERS)
    if launchers not in LAUNCHERS:
        yield f"command {name}: needs one launcher, has {sorted(launchers)}"
    for key in launchers:
        if not isinstance(command[key], str) or not command[key].strip():
            yield f"command {name}: {key} is not a command line"
    for key in set(command) - launchers - COMMAND_KEYS:
        yield f"command {name}: unknown key {key!r}"
    if not isinstance(command.get("supports_http_options", False), bool):
        yield f"command {name}: supports_http_options must be true or false"
    if command.get("env_spec", "default") not in specs | {"default"}:
        yield f"command {name}: env_spec {command['env_spec']!r} does not exist"


def gallery_problems(project: Mapping[str, Any], folder: str) -> Iterator[str]:
    """Yield what the examples gallery would refuse, or warn of (there, warnings are errors).

    Parameters
    ----------
    project : mapping
        The file's content.
    folder : str
        Name of the folder in the gallery.
    """
    for key in sorted(GALLERY_ROOT_KEYS - project.keys()):
        yield f"missing key {key!r}"
    if project.get("name") != folder or not re.fullmatch(r"[a-z0-9_]+", folder):
        yield "name must be the folder's: lower case and underscores"
    if project.get("user_fields") != ["examples_config"]:
        yield "user_fields must be [examples_config]"
    yield from _config_problems(project.get("examples_config", {}), project.get("commands", {}))
    commands = project.get("commands", {})
    for name, command in commands.items():
        line = " ".join(str(command.get(key, "")) for key in ("unix", "windows"))
        if name == "lint":
            yield "a command named lint is not allowed"
        if "notebook" in command and name != "notebook":
            yield f"command {name}: the one that opens a notebook must be named notebook"
        if "panel serve" not in line:
            continue
        if name != "dashboard":
            yield f"command {name}: the one that serves an app must be named dashboard"
        if SERVE_OPTIONS not in line:
            yield f"command {name}: must contain {SERVE_OPTIONS}"
    files = [str(download.get("filename", "")) for download in project.get("downloads", {}).values()]
    if any(not name.startswith("data") for name in files):
        yield "downloads must go to data/"
    if not files and not project.get("examples_config", {}).get("no_data_ingestion"):
        yield "no data: say no_data_ingestion"


def _config_problems(config: Mapping[str, Any], commands: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(GALLERY_CONFIG - config.keys()):
        yield f"examples_config: missing {key!r}"
    for key in sorted(config.keys() - GALLERY_CONFIG - GALLERY_OPTIONAL):
        yield f"examples_config: unknown key {key!r}"
    for key in ("created", "last_updated"):
        if not isinstance(config.get(key, datetime.date.min), datetime.date):
            yield f"examples_config: {key} is not a date"
    for key in ("maintainers", "labels", "categories"):
        if not strings(config.get(key, [])):
            yield f"examples_config: {key} is not a list of names"
    if unknown := set(config.get("categories", [])) - GALLERY_CATEGORIES:
        yield f"examples_config: unknown categories {sorted(unknown)}"
    deployments = config.get("deployments", [])
    if len(deployments) > 2:
        yield "examples_config: more than two deployments"
    for deployment in deployments:
        if deployment.get("command") not in {"dashboard", "notebook"} & commands.keys():
            yield f"examples_config: {deployment.get('command')!r} is no command to deploy"
        if deployment.get("resource_profile", "default") not in {"default", "medium", "large"}:
            yield "examples_config: unknown resource_profile"
        if not isinstance(deployment.get("auto_deploy", False), bool):
            yield "examples_config: auto_deploy must be true or false"
        if deployment.keys() - {"command", "resource_profile", "auto_deploy"}:
            yield "examples_config: unknown key in a deployment"
