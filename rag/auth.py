"""`python -m rag.auth NAME` prints a line for the chat's file of users."""

import sys

from rag.errors import FondsError
from ui_assets.server.passwords import main

if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except FondsError as error:
        print(f"fonds: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
