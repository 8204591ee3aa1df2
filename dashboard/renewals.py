"""What a browser asks of parts of a page that are there no more, or asked before it knew what the last click did.

Parts of our pages renew themselves (`st.fragment(run_every=...)`): the browser asks for them by a timer, and sends with
it what it believes of the address and of every input. Streamlit 1.67 lets such a request wait until the run that a
click began is over, and then believes it. A page that was left comes back into one that has no place for it, which
leaves the browser's window empty; the address and inputs that the run had changed are changed back, as if by hand.

So a renewal here says nothing but which part: it waits until nothing runs, and runs over what the server knows. A part
that is gone by its turn is not run, whoever asked. It is gone too where its page stopped before it came to it, of which
Streamlit forgets nothing.
"""

from functools import wraps
from threading import Lock
from weakref import WeakKeyDictionary, WeakSet

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import get_instance
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunner, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

LOOK_S = 0.05  # how often a renewal that waits looks whether something still runs

_request_rerun, _run_script = AppSession.request_rerun, ScriptRunner._run_script
_waiting: WeakKeyDictionary[AppSession, set[str]] = WeakKeyDictionary()
_superseded: WeakSet[ScriptRunner] = WeakSet()  # a whole page was asked for meanwhile: the parts are the next one's
_passing_on = Lock()


def join() -> None:
    """From here on, in this process."""
    AppSession.request_rerun = _asked  # type: ignore[method-assign]
    ScriptRunner._run_script = _run  # type: ignore[method-assign]


@wraps(_request_rerun)
def _asked(self: AppSession, client_state: ClientState | None) -> None:
    if client_state is None or not client_state.fragment_id:
        if self._scriptrunner is not None:
            with _passing_on:
                _superseded.add(self._scriptrunner)
        _request_rerun(self, client_state)
    elif self._scriptrunner is None:
        known = self._client_state
        if client_state.page_script_hash != known.page_script_hash:
            return
        _request_rerun(self, _over(known, client_state) if client_state.is_auto_rerun else client_state)
    elif client_state.is_auto_rerun:
        _wait(self, client_state)
    else:
        _request_rerun(self, client_state)


def _over(known: ClientState, renewal: ClientState) -> ClientState:
    """The renewal, of the page and the address that the server knows, and without a word of the inputs."""
    state = ClientState(
        fragment_id=renewal.fragment_id,
        is_auto_rerun=True,
        page_script_hash=known.page_script_hash,
        query_string=known.query_string,
        cached_message_hashes=renewal.cached_message_hashes,
    )
    if renewal.HasField("context_info"):
        state.context_info.CopyFrom(renewal.context_info)
    return state


def _wait(session: AppSession, renewal: ClientState) -> None:
    """Ask again a little later, once for each part, as long as the page is open."""
    waiting = _waiting.setdefault(session, set())
    if renewal.fragment_id in waiting:
        return
    renewal.ClearField("cached_message_hashes")  # by its turn the browser may have let go of what it had

    def again() -> None:
        waiting.discard(renewal.fragment_id)
        if get_instance().is_active_session(session.id):
            _asked(session, renewal)

    waiting.add(renewal.fragment_id)
    session._event_loop.call_later(LOOK_S, again)


@wraps(_run_script)
def _run(self: ScriptRunner, rerun_data: RerunData) -> None:
    if _left_behind(self, rerun_data):
        return
    _run_script(self, rerun_data)
    _forget_the_undrawn(self)


def _forget_the_undrawn(runner: ScriptRunner) -> None:
    """Streamlit lets go of the parts that a page no longer has where the page ran to its end, and only there."""
    context = get_script_run_ctx()
    if context is None or context.fragment_ids_this_run:
        return
    with _passing_on:
        if runner not in _superseded:
            runner._fragment_storage.clear(context.shared.new_fragment_ids.snapshot())


def _left_behind(runner: ScriptRunner, asked: RerunData) -> bool:
    """Of parts alone, on a page that this runner has left, or that has none of them any more."""
    context = get_script_run_ctx()
    if not asked.fragment_id_queue or context is None or not context.page_script_hash:
        return False  # a whole page, or the session's first
    there = runner._fragment_storage.contains
    return context.page_script_hash != asked.page_script_hash or not any(map(there, asked.fragment_id_queue))
