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
# One process begins with the browser, the other with the rest. ARGS="-n 0" runs all in one, for a debugger.
exec .venv/bin/python -m pytest -n 2 -m "$markers" "$@"
