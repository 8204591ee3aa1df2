"""Every address of the door."""

from dashboard.door import firstowner, newpassword, onetimelink, signin, signout, sso

ROUTES = (
    *signin.ROUTES,
    *signout.ROUTES,
    *firstowner.ROUTES,
    *onetimelink.ROUTES,
    *newpassword.ROUTES,
    *sso.ROUTES,
)
