"""`python -m ftdecide COMMAND …`."""

import sys

from ftdecide.cli import main

sys.exit(main(sys.argv[1:]))
