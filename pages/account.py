"""One's own account: who one is, the password, and where one is signed in."""

import streamlit as st

from dashboard import account
from dashboard.guard import require
from records import own_account
from records.db import reading
from records.roles import Permission

who = require(Permission.CALL_READ)

account.told()
with reading() as session:
    mine = own_account.account(session, who)

st.title("Account", anchor=False)
left, right = st.columns(2, gap="large")
with left:
    st.subheader("You", anchor=False)
    account.person(mine)
    st.subheader("Password", anchor=False)
    account.password(mine)
with right:
    st.subheader("Where you are signed in", anchor=False)
    account.browsers(mine)
