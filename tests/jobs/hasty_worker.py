"""A worker whose webhooks are tried again within a second instead of within an hour."""

from jobs import worker
from jobs.enqueue import QUEUES
from pipeline.webhooks import schedule

if __name__ == "__main__":
    schedule.TRIES_AT_S = (0.0, 0.4, 0.8, 1.2, 1.6)
    worker.work(*QUEUES)
