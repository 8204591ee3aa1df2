"""What a process of its own does in tests of migrations: `python -m tests.records.migration_work`."""

from records.migrate import upgrade

if __name__ == "__main__":
    upgrade()
