"""``python -m larknb.sandbox``: serve the sample workspace."""

import sys

from .serve import main

sys.exit(main())
