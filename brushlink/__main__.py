"""`python -m brushlink` is the command `brushlink`."""

import sys

from brushlink.cli import main

sys.exit(main())
