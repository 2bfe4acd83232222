"""`python -m verifier` is `flip`."""

import sys

from verifier.cli import main

sys.exit(main())
