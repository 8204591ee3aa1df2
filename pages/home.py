"""The front door: opens the list of calls."""

from dashboard.guard import require
from dashboard.navigation import go
from records.roles import Permission

who = require(Permission.CALL_READ)
go("calls.py")
