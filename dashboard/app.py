"""The entry script of every run: who is it, the frame, the menu, then the page.

It stands here and not beside pages/: the first deep link into a fresh process would run such a page without its entry.
"""

from html import escape

import streamlit as st

from dashboard import badges, farewell, guard, pauses
from dashboard.components import ASSETS
from dashboard.navigation import PAGES, pages_for

SIGN_OUT = """<div class="tv-who"><b>{name}</b><span>{role}</span>
<form method="post" action="/logout" target="_top"><button type="submit">Sign out</button></form></div>"""

st.set_page_config(page_title="TotalView", page_icon=str(ASSETS / "icon.png"), layout="wide")
st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "mark.svg"))

who = guard.enter()
if who is None:
    st.navigation([st.Page(guard.signed_out, title="Signed out", url_path="signed_out")], position="hidden").run()
else:
    page = st.navigation(pages_for(who))
    with st.sidebar:
        st.html(ASSETS / "frame.css")
        st.html(SIGN_OUT.format(name=escape(who.label), role=escape(badges.ROLE[who.role])))
        st.page_link(PAGES / "account.py", label="Your account", icon=":material/account_circle:")
    pauses.banner()
    farewell.say()
    page.run()
