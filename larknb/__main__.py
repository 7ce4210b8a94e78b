"""``python -m larknb``: the command line where ``larknb`` is not on PATH."""

import sys

from larknb.cli import main

sys.exit(main())
