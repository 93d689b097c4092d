"""Open the forms as an application: the notebook without its code, on this machine only."""

import sys

from citydiplo import folders
from citydiplo.explorer.app import main

NOTEBOOK = folders.REPOSITORY / "notebooks" / "08_contribute.ipynb"

if __name__ == "__main__":
    main(sys.argv[1:], NOTEBOOK)
