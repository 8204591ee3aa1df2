// What is seen of the uploads: where files are dropped and chosen, what becomes of each, and how far all of it is.
const SHOWN = 200, PAINT_MS = 150, SAID_MS = 5000;
const WORDS = {
  chosen: "Ready", queued: "In line", uploading: "", waiting: "No answer; trying again", done: "Uploaded",
  here: "Already here", refused: "Not taken", failed: "Broke off", cancelled: "Cancelled",
};
const COLOURS = { done: "green", here: "blue", refused: "red", failed: "red", cancelled: "gray" };
const ICONS = { done: "check_circle", here: "content_copy", refused: "block", failed: "error", cancelled: "cancel" };
const RANK = { failed: 0, refused: 1, uploading: 2, waiting: 2, chosen: 3, queued: 4, here: 5, done: 5, cancelled: 5 };
const count = (number) => number.toLocaleString("en");
const megabytes = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} KB`);
const share = (item) => (item.state === "done" || item.state === "here" ? 1 : item.file.size ? item.sent / item.file.size : 0);
const going = (item) => item.state === "uploading" || item.state === "waiting";
const sum = (items, of) => items.reduce((all, item) => all + of(item), 0);

// ---- one row
const row = () => {
  const node = el("li", "tv-file"), name = el("span", "tv-file-name"), state = el("span", "tv-file-state"), track = el("progress");
  const words = el("p", "tv-file-words"), button = el("button", "tv-file-act"), link = el("a", "tv-file-open", "Open");
  track.max = 1;
  button.type = "button";
  node.append(name, state, track, link, button, words);
  return { node, name, state, track, words, button, link, seen: "" };
};
const stateOf = (item) => {
  if (COLOURS[item.state]) return badge({ label: WORDS[item.state], colour: COLOURS[item.state], icon: ICONS[item.state] });
  const size = megabytes(item.file.size);
  if (item.state === "uploading") return el("span", "tv-soft", `${Math.floor(share(item) * 100)}% of ${size}`);
  return el("span", "tv-soft", `${item.busy && item.state === "waiting" ? "Server busy; trying again" : WORDS[item.state]}, ${size}`);
};
const actOf = (item) => (item.state === "failed" ? "Retry" : item.state === "chosen" ? "Remove" : item.state === "queued" || going(item) ? "Cancel" : "");
const fill = (parts, item, several) => {
  const { node, name, state, track, words, button, link } = parts, act = actOf(item);
  const seen = [item.state, item.busy, Math.floor(share(item) * 100), item.words, item.call, several].join("|");
  if (parts.seen === seen) return;
  parts.seen = seen;
  node.dataset.state = item.state;
  name.textContent = name.title = item.path;
  if (several && item.label) name.append(el("span", "tv-soft", ` → ${item.label}`));
  state.replaceChildren(stateOf(item));
  track.hidden = !going(item);
  track.value = share(item);
  track.setAttribute("aria-label", `Progress of ${item.path}`);
  words.hidden = !item.words;
  words.textContent = item.words;
  link.hidden = !item.call;
  if (item.call) link.href = `/call?id=${encodeURIComponent(item.call)}`;
  link.dataset.call = item.call ?? "";
  link.setAttribute("aria-label", `Open the call of ${item.path}`);
  button.hidden = !act;
  button.textContent = act;
  button.setAttribute("aria-label", `${act} ${item.path}`);
  button.onclick = () => {
    if (act === "Cancel") return cancel(item);
    if (act === "Retry") Object.assign(item, { state: "queued", words: "" });
    else tv.items.splice(tv.items.indexOf(item), 1);
    tv.reported = act === "Remove" && tv.reported;
    return pump();
  };
};

// ---- the whole
const build = (root) => {
  const make = { drop: el("div", "tv-drop"), line: el("p", "tv-drop-line"), picks: el("div", "tv-picks"), files: el("input"), folder: el("input"), hint: el("p", "tv-soft"), before: el("p", "tv-before"), problem: el("p", "tv-problem") };
  const buttons = { pick: "Choose files", pickFolder: "Choose a folder", go: "Upload", again: "Go on", stop: "Cancel all", clear: "Clear the list" };
  for (const [name, words] of Object.entries(buttons)) {
    make[name] = el("button", name === "go" ? "tv-go" : "tv-pick", words);
    make[name].type = "button";
  }
  for (const [input, words] of [[make.files, "Recordings"], [make.folder, "A folder of recordings"]]) {
    Object.assign(input, { type: "file", multiple: true, className: "tv-input", tabIndex: -1 });
    input.setAttribute("aria-label", words);
  }
  make.folder.webkitdirectory = true;
  make.pickFolder.classList.add("tv-pick-folder");
  const bar = el("div", "tv-upload-bar"), list = el("ul", "tv-files"), more = el("p", "tv-soft"), total = el("progress", "tv-total"), follow = el("a", "tv-follow", "Follow the bulk job");
  const told = el("p", "tv-sum"), said = el("p", "tv-said");
  said.setAttribute("role", "status");
  make.problem.setAttribute("role", "alert");
  list.setAttribute("aria-label", "Files");
  total.setAttribute("aria-label", "Progress of all uploads");
  total.max = 1;
  make.line.append(icon("upload_file"), el("span", "", "Drop recordings or folders here"));
  make.picks.append(make.pick, make.pickFolder);
  make.drop.append(make.line, make.picks, make.hint, make.files, make.folder);
  bar.append(make.go, make.again, make.stop, make.clear, told, follow);
  root.replaceChildren(make.drop, make.before, bar, total, make.problem, list, more, said);
  make.pick.onclick = () => make.files.click();
  make.pickFolder.onclick = () => make.folder.click();
  return { ...make, bar, list, more, total, told, said, follow, saidAt: 0, rows: new Map() };
};
const drawRows = (parts, items) => {
  const shown = items.toSorted((one, other) => RANK[one.state] - RANK[other.state]).slice(0, SHOWN), kept = new Set(shown);
  const several = new Set(items.map((item) => item.label).filter(Boolean)).size > 1, active = document.activeElement;
  const place = active && parts.list.contains(active) ? [...parts.list.children].indexOf(active.closest("li")) : -1;
  for (const [item, each] of parts.rows) if (!kept.has(item)) { each.node.remove(); parts.rows.delete(item); }
  shown.forEach((item, at) => {
    if (!parts.rows.has(item)) parts.rows.set(item, row());
    const each = parts.rows.get(item);
    fill(each, item, several);
    if (parts.list.children[at] !== each.node) parts.list.insertBefore(each.node, parts.list.children[at] ?? null);
  });
  if (place >= 0 && document.activeElement !== active) {  // whoever works by keyboard stays where they were
    const next = [...parts.list.querySelectorAll(".tv-file-act:not([hidden])")];
    (active.isConnected && !active.hidden ? active : next[Math.min(place, next.length - 1)] ?? parts.pick).focus();
  }
  parts.more.textContent = items.length > SHOWN ? `and ${count(items.length - SHOWN)} more` : "";
};
const summary = (items, counts) => {
  const begun = items.filter((item) => item.state !== "chosen" && item.file.size), over = begun.filter((item) => OVER.has(item.state));
  const ready = items.filter((item) => item.state === "chosen");
  const lines = [];
  if (begun.length) {
    lines.push(`${count(over.length)} of ${count(begun.length)} files`, `${megabytes(sum(begun, (item) => (OVER.has(item.state) ? item.file.size : item.sent)))} of ${megabytes(sum(begun, (item) => item.file.size))}`);
  }
  for (const [state, words] of [["here", "already here"], ["refused", "not taken"], ["failed", "broke off"], ["cancelled", "cancelled"]]) if (counts[state]) lines.push(`${count(counts[state])} ${words}`);
  if (ready.length) lines.push(`${count(ready.length)} ready, ${megabytes(sum(ready, (item) => item.file.size))}`);
  return lines.join(" · ");
};
const draw = (parts, data) => {
  const items = tv.items, counts = {};
  for (const item of items) counts[item.state] = (counts[item.state] ?? 0) + 1;
  const chosen = counts.chosen ?? 0, busy = unfinished(), over = items.some((item) => OVER.has(item.state));
  drawRows(parts, items);
  parts.go.disabled = !data.campaign || !chosen || tv.starting;
  parts.pick.disabled = parts.pickFolder.disabled = !data.campaign;
  parts.drop.classList.toggle("tv-drop-off", !data.campaign);
  parts.hint.textContent = data.campaign ? data.hint : "Choose a campaign first.";
  parts.again.hidden = !tv.held && !counts.failed;
  parts.again.textContent = tv.held ? "Go on" : counts.failed > 1 ? `Retry ${count(counts.failed)}` : "Retry";
  parts.stop.hidden = !busy;
  parts.clear.hidden = !over && !chosen;
  parts.follow.hidden = !tv.job;
  if (tv.job) parts.follow.href = `/bulk_job?id=${encodeURIComponent(tv.job)}`;
  const waiting = data.campaign && !items.length ? interrupted(data.campaign) : 0;
  parts.before.hidden = !waiting;
  parts.before.textContent = waiting === 1 ? "One upload was interrupted. Choose the same file again, and it goes on where it stopped." : `${count(waiting)} uploads were interrupted. Choose the same files or folder again, and they go on where they stopped.`;
  parts.problem.textContent = tv.held || tv.problem || "";
  parts.told.textContent = summary(items, counts);
  const begun = items.filter((item) => item.state !== "chosen");
  parts.total.hidden = !busy;
  parts.total.value = sum(begun, (item) => (OVER.has(item.state) ? item.file.size : item.sent)) / (sum(begun, (item) => item.file.size) || 1);
  if (begun.length && (!busy || Date.now() - parts.saidAt > SAID_MS)) {  // not each percent is read out
    parts.saidAt = Date.now();
    const words = `${busy ? "" : "All is over. "}${summary(begun, counts)}`;
    if (parts.said.textContent !== words) parts.said.textContent = words;
  }
};

// A file that misses the place would be opened instead of this page, and end what is under way.
const guard = (event) => { if (document.querySelector(".tv-uploader")) event.preventDefault(); };
if (!window.tvDropGuard) for (const name of ["dragover", "drop"]) addEventListener(name, guard);
window.tvDropGuard = true;

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-uploader");
  const parts = (root.tvParts ??= build(root)), say = (what) => setTriggerValue("clicked", JSON.stringify(what));
  const paint = () => {
    draw(parts, data);
    if (tv.reported || !tv.items.length || unfinished()) return;
    tv.reported = true;
    const arrived = tv.items.filter((item) => item.call && !item.toldOf);
    for (const item of arrived) item.toldOf = true;
    say({ arrived: arrived.length });
  };
  let due = 0, painted = 0;
  const soon = () => { due ||= setTimeout(() => { due = 0; painted = Date.now(); paint(); }, Math.max(0, PAINT_MS - (Date.now() - painted))); };
  const add = (files) => { tv.problem = ""; choose(files); };
  const open = (event, what) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();  // the window stays, and what is under way in it
    say(what);
  };
  parts.files.onchange = () => { add(parts.files.files); parts.files.value = ""; };
  parts.folder.onchange = () => { add(parts.folder.files); parts.folder.value = ""; };
  parts.drop.ondragover = (event) => { event.preventDefault(); parts.drop.classList.toggle("tv-drop-over", Boolean(data.campaign)); };
  parts.drop.ondragleave = (event) => { if (!parts.drop.contains(event.relatedTarget)) parts.drop.classList.remove("tv-drop-over"); };
  parts.drop.ondrop = (event) => {
    event.preventDefault();
    parts.drop.classList.remove("tv-drop-over");
    if (data.campaign) dropped(event.dataTransfer).then(add, () => { tv.problem = "A file or folder could not be read. Choose it with the buttons instead."; tell(); });
  };
  parts.go.onclick = async () => {
    const starting = start(data.campaign, data.name);
    soon();
    tv.problem = await starting;
    soon();
  };
  parts.again.onclick = goOnAll;
  parts.stop.onclick = () => { tv.held = ""; cancel(...tv.items.filter((item) => item.state !== "chosen" && !OVER.has(item.state))); parts.pick.focus(); };
  parts.clear.onclick = () => {
    cancel(...tv.items.filter((item) => item.state === "failed"));
    tv.items = tv.items.filter((item) => !OVER.has(item.state) && item.state !== "chosen");
    if (!tv.items.length) tv.job = null;
    tv.problem = "";
    tell();
    parts.pick.focus();
  };
  parts.list.onclick = (event) => { const link = event.target.closest(".tv-file-open"); if (link) open(event, { call: link.dataset.call }); };
  parts.follow.onclick = (event) => open(event, { job: tv.job });
  if (root.tvWatch) tv.watchers.delete(root.tvWatch);
  root.tvWatch = soon;
  tv.watchers.add(soon);
  paint();
  return () => tv.watchers.delete(soon);  // uploads go on while another page is open
}
