"""``python -m shellac``: the same as the command of that name."""

import sys

from shellac import main

if __name__ == "__main__":
    sys.exit(main())
