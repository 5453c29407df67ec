#!/bin/sh
# Prints the path of a Python that Brushlink runs on (3.11 or newer) and that really starts; called by the Makefile.
#
# A machine can have an old python3 beside a good python3.12, or pyenv shims that fail when they are called, so
# each candidate is asked to print its own path. PYTHON=/path/to/python names one outright.

check='import sys, os
if sys.version_info < (3, 11): sys.exit(1)
print(os.path.realpath(sys.executable) if sys.prefix != sys.base_prefix else sys.executable)'

answer() {
    # A virtual environment that happens to be active answers with the Python it was made from.
    "$1" -c "$check" 2>/dev/null
}

if [ -n "${PYTHON:-}" ]; then
    if found=$(answer "$PYTHON") && [ -n "$found" ]; then
        printf '%s\n' "$found"
        exit 0
    fi
    printf 'PYTHON=%s is not a Python 3.11 or newer that starts.\n' "$PYTHON" >&2
    exit 1
fi

# python3 first: it is the one the user means. Then the versions the pins are tested with, newest first.
for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
    # The first hit on PATH can be a broken shim with a working one behind it: look at all of them.
    old_ifs=$IFS
    IFS=:
    for folder in $PATH; do
        IFS=$old_ifs
        candidate="${folder:-.}/$name"
        if [ -x "$candidate" ] && [ ! -d "$candidate" ] && found=$(answer "$candidate") && [ -n "$found" ]; then
            printf '%s\n' "$found"
            exit 0
        fi
        IFS=:
    done
    IFS=$old_ifs
done

# Places where version managers keep Pythons that are not on PATH.
for candidate in \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-4]*/bin/python \
    "$HOME"/.local/share/uv/python/cpython-3.1[1-4]*/bin/python3 \
    /opt/homebrew/bin/python3.1[1-4] /usr/local/bin/python3.1[1-4]; do
    if [ -x "$candidate" ] && found=$(answer "$candidate") && [ -n "$found" ]; then
        printf '%s\n' "$found"
        exit 0
    fi
done

printf '%s\n' >&2 \
    'Brushlink needs Python 3.11 or newer, and none was found. Install one, for example' \
    '    sudo apt install python3 python3-venv      (Debian 12, Ubuntu 24.04 and newer)' \
    '    brew install python                        (macOS)' \
    'or name yours: make serve PYTHON=/path/to/python3.12'
exit 1
