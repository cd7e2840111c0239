"""`python -m crampcoach` is the same program as `crampcoach`."""

from crampcoach.cli import main

if __name__ == "__main__":
    main()
