#!/bin/sh
# Runs pytest with a Chromium that starts; called by the Makefile as: run_tests.sh MARKERS [pytest options].
# BROWSER=none leaves the browser tests out.

markers=$1
shift
if [ "${BROWSER:-}" = none ]; then
    markers="($markers) and not browser"
else
    BRUSHLINK_CHROMIUM=$(.venv/bin/python scripts/chromium.py --install) || exit 1
    export BRUSHLINK_CHROMIUM
fi
# Two at a time, a file to each: browser tests wait a good deal. ARGS="-n 0" runs them in one process, for a debugger.
exec .venv/bin/python -m pytest -n 2 --dist loadfile -m "$markers" "$@"
