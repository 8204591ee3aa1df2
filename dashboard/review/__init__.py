"""What people see of reviews: the queue, one review, a dispute on a call's page."""
