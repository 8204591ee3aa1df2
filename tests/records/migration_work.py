"""What a process of its own does in tests of migrations: says that it is ready, waits for a line, migrates."""

import sys

from records.migrate import upgrade

if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    upgrade()
