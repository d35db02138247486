"""`python -m rag.cli`: the command `fonds`."""

from rag.cli import main

if __name__ == "__main__":
    main()
