// A review: a verdict on each check, by keyboard. Nothing goes to the server before the review is closed; until then
// what was entered is kept in this browser, and survives a reload.
const PREFIX = "tv-review:", KEPT_MS = 30 * 24 * 3600 * 1000;
const VERDICTS = ["pass", "fail", "not_applicable"];
const KEYS = { c: "confirm", 1: "pass", p: "pass", 2: "fail", f: "fail", 3: "not_applicable", n: "not_applicable", j: "down", k: "up", a: "rest", l: "listen", s: "skip", Enter: "next" };
const HINT = [["J", "K", "next, previous"], ["C", "confirm"], ["1", "2", "3", "pass, fail, not applicable"], ["A", "confirm the rest"], ["L", "listen"], ["Enter", "close and next"], ["S", "skip"]];

const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
const write = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* kept on the page alone */ } };
const drop = (key) => { try { localStorage.removeItem(key); } catch { /* none there */ } };
const tidy = (here) => {
  let keys = [];
  try { keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && key !== here); } catch { /* none there */ }
  for (const key of keys) {
    const draft = read(key);
    if (!draft || draft.sent || Date.now() - draft.at > KEPT_MS) drop(key);
  }
};

// What to begin with: what this browser remembers, else what was decided before the review was opened again.
const begin = (data) => {
  const fresh = { decisions: {}, comment: data.comment, restored: false };
  for (const check of all(data)) if (check.decided) fresh.decisions[check.position] = { ...check.decided };
  const draft = read(data.draft);
  if (!draft) return fresh;
  if (draft.sent && data.problem) write(data.draft, { ...draft, sent: false });  // it was refused
  if (draft.sent && !data.problem && (!data.open || draft.seen !== data.seen)) { drop(data.draft); return fresh; }  // it was saved
  return { decisions: { ...fresh.decisions, ...draft.decisions }, comment: draft.comment, restored: true };
};
const all = (data) => data.sections.flatMap((section) => section.checks);
const contradicts = (check, found) => found && found.verdict !== check.was && check.was !== "not_evaluated";
const missing = (check, found) => (!found ? "verdict" : contradicts(check, found) && !found.comment.trim() ? "comment" : "");
const scored = (checks, verdict) => {
  let met = 0, whole = 0;
  for (const check of checks) {
    const found = verdict(check);
    if (check.weight > 0 && (found === "pass" || found === "fail")) { whole += check.weight; met += found === "pass" ? check.weight : 0; }
  }
  return whole ? (Math.round((1000 * met) / whole) / 10).toString() : "–";
};

const button = (text, className, act) => {
  const node = el("button", className, text);
  node.type = "button";
  node.onclick = act;
  return node;
};
const field = (label, value, rows, changed) => {
  const box = el("label", "tv-field"), area = el("textarea");
  area.rows = rows;
  area.maxLength = 2000;
  area.value = value;
  area.oninput = () => changed(area.value);
  box.append(el("span", "tv-field-name", label), area);
  return { box, area };
};
const disputed = ({ by, when, words, answer }) => {
  const box = note({ colour: answer ? "blue" : "orange", icon: "feedback", title: `Disputed by ${by}, ${when}`, lines: [words, ...(answer ? [answer] : [])] });
  box.classList.add("tv-dispute");
  return box;
};

const card = (check, data, desk) => {
  const item = el("li", "tv-check"), head = el("div", "tv-check-head"), mine = el("div", "tv-mine");
  item.tabIndex = -1;
  item.setAttribute("aria-label", check.name);
  head.append(el("span", "tv-check-name", check.name), ...[check.critical, check.doubt].filter(Boolean).map(badge));
  const judged = el("p", "tv-judged");
  judged.append(badge(check.verdict), el("span", "tv-soft", check.facts.join(" · ")));
  item.append(head, judged);
  if (check.reason) item.append(el("p", "tv-reason", check.reason));
  if (check.evidence.length) {
    const list = el("ul", "tv-evidences");
    list.append(...check.evidence.map(evidence));
    item.append(list);
  }
  item.append(...check.disputes.map(disputed));
  const choices = el("div", "tv-choices"), state = el("span", "tv-state"), said = field(`Why, on ${check.name}`, "", 2, (text) => desk.say(check, text));
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-label", `Verdict on ${check.name}`);
  const offered = check.was === "not_evaluated" ? [...VERDICTS, "not_evaluated"] : VERDICTS;
  const buttons = offered.map((verdict) => {
    const choice = button("", `tv-choice tv-choice-${verdict}`, () => { desk.decide(check, verdict); });
    choice.append(icon(data.verdicts[verdict].icon), el("span", "", verdict === "not_evaluated" ? "Leave out" : data.verdicts[verdict].label));
    if (verdict === check.was && verdict !== "not_evaluated") {
      choice.append(el("span", "tv-ai", check.judge));
      choice.title = "Confirm this verdict";
    }
    return choice;
  });
  choices.append(...buttons);
  said.area.onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); event.stopPropagation(); desk.onward(check); }
    if (event.key === "Escape") item.focus();
  };
  const more = button("Add a comment", "tv-more", () => { said.box.hidden = false; more.hidden = true; said.area.focus(); });
  mine.append(choices, state, more, said.box);
  item.append(mine);
  item.onclick = () => desk.look(check, false);
  const paint = (found, lacking) => {
    offered.forEach((verdict, place) => buttons[place].setAttribute("aria-pressed", String(found?.verdict === verdict)));
    const changed = contradicts(check, found);
    said.box.hidden = !changed && !found?.comment && document.activeElement !== said.area;
    more.hidden = !found || !said.box.hidden;
    if (said.area.value !== (found?.comment ?? "")) said.area.value = found?.comment ?? "";
    said.box.firstChild.textContent = changed ? "Say why you changed it" : "Comment";
    state.textContent = !found ? "" : changed ? `Changed from ${data.verdicts[check.was].label}` : check.was === found.verdict && check.was !== "not_evaluated" ? "Confirmed" : "";
    item.classList.toggle("tv-done", Boolean(found) && !missing(check, found));
    item.classList.toggle("tv-lacks", lacking);
    said.area.setAttribute("aria-invalid", String(lacking && Boolean(found)));
  };
  return { item, area: said.area, check, paint, disable: (off) => { for (const each of [...buttons, said.area]) each.disabled = off; } };
};

const closed = (check, data) => {
  const item = el("li", "tv-check"), head = el("div", "tv-check-head"), judged = el("p", "tv-judged");
  head.append(el("span", "tv-check-name", check.name), ...[check.critical].filter(Boolean).map(badge));
  judged.append(badge(check.verdict), el("span", "tv-soft", check.judge));
  if (check.decided && check.decided.verdict !== check.was) judged.append(icon("arrow_forward"), badge(data.verdicts[check.decided.verdict]), el("span", "tv-soft", "Reviewer"));
  else if (check.decided) judged.append(el("span", "tv-soft", "· confirmed"));
  item.append(head, judged);
  if (check.decided?.comment) item.append(el("p", "tv-reason", check.decided.comment));
  item.append(...check.disputes.map(disputed));
  return item;
};

const listed = (data, make) => {
  const box = el("div", "tv-review-list");
  for (const section of data.sections) {
    const list = el("ul", "tv-check-list");
    list.append(...section.checks.map(make));
    if (section.name) box.append(el("h3", "tv-review-section", section.name));
    box.append(list);
  }
  return box;
};

const hint = () => {
  const line = el("p", "tv-keys");
  for (const keys of HINT) {
    const each = el("span");
    each.append(...keys.slice(0, -1).map((key) => el("kbd", "", key)), keys.at(-1));
    line.append(each);
  }
  return line;
};

const render = (root, data, setTriggerValue) => {
  root.tvLeave?.();
  const state = begin(data), checks = all(data), tops = data.problem ? [note(data.problem)] : [];
  if (!data.open) {
    root.replaceChildren(...tops, ...(data.outcome ? [note(data.outcome)] : []), listed(data, (check) => closed(check, data)));
    root.tvEnter = root.tvLeave = () => {};
    return;
  }
  let at = Math.max(0, checks.findIndex((check) => missing(check, state.decisions[check.position]))), busy = false, told = false;
  const cards = [];
  const keep = (sent = false) => write(data.draft, { at: Date.now(), decisions: state.decisions, comment: state.comment, seen: data.seen, sent });
  const desk = {
    decide: (check, verdict) => {
      state.decisions[check.position] = { verdict, comment: state.decisions[check.position]?.comment ?? "" };
      keep();
      desk.look(check, false);
      if (missing(check, state.decisions[check.position])) cards[at].area.focus();
      else desk.onward(check, false);
    },
    say: (check, text) => {
      state.decisions[check.position] = { verdict: state.decisions[check.position]?.verdict ?? check.was, comment: text };
      keep();
      paint();
    },
    // To the next check that lacks something; where none does, it stays with this one.
    onward: (check, focus = true) => {
      const from = checks.indexOf(check), order = [...checks.slice(from + 1), ...checks.slice(0, from)];
      const next = order.find((each) => missing(each, state.decisions[each.position]));
      desk.look(next ?? check, focus || Boolean(next));
    },
    look: (check, focus = true) => {
      at = checks.indexOf(check);
      paint();
      if (!cards[at]) return;
      if (focus || !cards[at].item.contains(document.activeElement)) cards[at].item.focus({ preventScroll: true });
      const box = list.getBoundingClientRect(), card = cards[at].item.getBoundingClientRect();
      if (card.top < box.top) list.scrollTop -= box.top - card.top + 6;
      else if (card.bottom > box.bottom) list.scrollTop += Math.min(card.bottom - box.bottom, card.top - box.top) + 6;
    },
  };
  const list = listed(data, (check) => { const made = card(check, data, desk); cards.push(made); return made.item; });
  const foot = el("div", "tv-review-foot"), sum = el("div", "tv-review-sum"), reached = el("b"), was = el("span", "tv-soft"), progress = el("span", "tv-soft"), alert = el("p", "tv-review-alert");
  const whole = field("Comment on the call", state.comment, 1, (text) => { state.comment = text; keep(); });
  const send = (act) => {
    if (busy) return;
    const lacking = checks.filter((check) => missing(check, state.decisions[check.position]));
    if (act !== "skip" && lacking.length) {
      told = true;
      desk.look(lacking[0]);
      if (state.decisions[lacking[0].position]) cards[at].area.focus();
      return;
    }
    busy = true;
    paint();
    if (act !== "skip") keep(true);
    const decisions = checks.map((check) => ({ position: check.position, ...state.decisions[check.position] }));
    setTriggerValue("clicked", JSON.stringify({ act, call: data.call, version: data.version, seen: data.seen, comment: state.comment, decisions: act === "skip" ? [] : decisions }));
    root.tvPatience = setTimeout(() => { busy = false; paint(); }, 15000);
  };
  const rest = () => {
    for (const check of checks) state.decisions[check.position] ??= { verdict: check.was, comment: "" };
    keep();
    paint();
    const lacking = checks.find((check) => missing(check, state.decisions[check.position]));
    if (lacking) desk.look(lacking);
  };
  const next = button("Close and next", "tv-button tv-primary", () => send("next")), close = button("Close review", "tv-button", () => send("close"));
  const others = button("Confirm the rest", "tv-button", rest), skip = button("Skip", "tv-button", () => send("skip"));
  const buttons = el("div", "tv-review-buttons");
  buttons.append(next, close, others, skip);
  sum.setAttribute("role", "status");
  alert.setAttribute("role", "alert");
  sum.append(el("span", "", "Reviewed score"), reached, was, progress);
  foot.append(sum, whole.box, alert, buttons, hint());
  const paint = () => {
    const lacking = checks.filter((check) => missing(check, state.decisions[check.position]));
    cards.forEach((each, place) => {
      const found = state.decisions[each.check.position];
      each.paint(found, told && Boolean(missing(each.check, found)));
      each.item.classList.toggle("tv-at", place === at);
      each.disable(busy);
    });
    reached.textContent = scored(checks, (check) => state.decisions[check.position]?.verdict ?? check.was);
    was.textContent = `was ${data.score}`;
    progress.textContent = `${checks.length - lacking.length} of ${checks.length} decided`;
    const untouched = lacking.filter((check) => !state.decisions[check.position]).length, unsaid = lacking.length - untouched;
    alert.textContent = !told || !lacking.length ? "" : [untouched ? `Give a verdict on ${untouched === 1 ? "the check that is" : `the ${untouched} checks that are`} left.` : "", unsaid ? "Say why where you changed a verdict." : ""].filter(Boolean).join(" ");
    others.hidden = !untouched;
    for (const each of [next, close, others, skip]) each.disabled = busy;
    next.textContent = busy ? "Saving…" : "Close and next";
  };
  if (state.restored) {
    const line = el("p", "tv-restored", "What you had entered is here again. ");
    line.append(button("Begin afresh", "tv-more", () => { drop(data.draft); render(root, data, setTriggerValue); }));
    tops.push(line);
  }
  root.replaceChildren(...tops, list, foot);
  paint();
  whole.area.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send("next"); }
    if (event.key === "Escape") cards[at]?.item.focus();
  };
  const acts = {
    confirm: () => desk.decide(checks[at], checks[at].was),
    down: () => desk.look(checks[Math.min(at + 1, checks.length - 1)]),
    up: () => desk.look(checks[Math.max(at - 1, 0)]),
    listen: () => cards[at].item.querySelector("button.tv-quote")?.click(),
    rest,
    skip: () => send("skip"),
    next: () => send("next"),
  };
  const pressed = (event) => {
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key], typing = event.target.closest?.("input, textarea, select, [contenteditable], [role=dialog], [role=combobox], audio");
    if (!act || typing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || document.querySelector("[role=dialog]")) return;
    if (act === "next" && event.target.closest?.("button, a")) return;  // Enter presses what has the focus
    if (!checks.length && act !== "next" && act !== "skip") return;
    event.preventDefault();
    event.stopImmediatePropagation();  // Streamlit has keys of its own
    if (VERDICTS.includes(act)) desk.decide(checks[at], act);
    else acts[act]();
  };
  root.tvEnter = () => addEventListener("keydown", pressed, true);  // twice is once
  root.tvLeave = () => { removeEventListener("keydown", pressed, true); clearTimeout(root.tvPatience); };
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-review"), now = JSON.stringify(data);
  if (root.tvShown !== now) {
    root.tvShown = now;
    tidy(data.draft);
    render(root, data, setTriggerValue);
  }
  root.tvEnter();
  return () => root.tvLeave();
}
