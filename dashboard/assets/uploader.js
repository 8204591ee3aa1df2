// Uploads by tus to our own API. What is under way lives in the window, so that it goes on while other pages are open;
// what was begun is remembered in the browser, so that choosing the same files again after a reload goes on there.
const HERE = "/api/v1", TUS = { "Tus-Resumable": "1.0.0" }, BYTES = "application/offset+octet-stream";
const PARALLEL = 4, AT_ONCE = 8 << 20, PART = 64 << 20, SHOWN = 200;
const PATIENCE_MS = 15 * 60 * 1000, LONGEST_PAUSE_MS = 15000;
const KEPT = "tv-uploads";
const OVER = new Set(["done", "here", "refused", "failed", "cancelled"]);
const WORDS = {
  chosen: "Ready", queued: "In line", uploading: "", waiting: "No answer; trying again", done: "Uploaded",
  here: "Already here", refused: "Not taken", failed: "Broke off", cancelled: "Cancelled",
};
const COLOURS = { done: "green", here: "blue", refused: "red", failed: "red", cancelled: "gray" };
const ICONS = { done: "check_circle", here: "content_copy", refused: "block", failed: "error", cancelled: "cancel" };
const tv = (window.tvUploads ??= { items: [], active: 0, watchers: new Set(), job: null, reported: true });

const tell = () => tv.watchers.forEach((draw) => draw());
const base64 = (text) => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
const megabytes = (bytes) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} KB`);
const pause = (ms) => new Promise((go) => { const timer = setTimeout(go, ms); addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true }); });

// ---- what is remembered over a reload: where each file's upload is
const kept = () => { try { return JSON.parse(localStorage.getItem(KEPT)) ?? {}; } catch { return {}; } };
const keep = (change) => { const all = kept(); change(all); try { localStorage.setItem(KEPT, JSON.stringify(all)); } catch { /* private windows keep nothing */ } };
const mark = (item) => `${item.campaign}|${item.name}|${item.file.size}|${item.file.lastModified}`;
const remember = (item) => keep((all) => { all[mark(item)] = { url: item.url, job: item.job, at: Date.now() }; });
const forget = (item) => keep((all) => { delete all[mark(item)]; });
const unfinished = (campaign) => Object.keys(kept()).filter((each) => each.startsWith(`${campaign}|`)).length;
keep((all) => { for (const [name, one] of Object.entries(all)) if (Date.now() - one.at > 24 * 3600 * 1000) delete all[name]; });

// ---- one request; XMLHttpRequest, because fetch tells nothing of what has been sent
const ask = (item, method, url, headers, body, from) => new Promise((done, broke) => {
  const request = (item.request = new XMLHttpRequest());
  request.open(method, url);
  for (const [name, value] of Object.entries({ ...TUS, ...headers })) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => { item.sent = from + event.loaded; tell(); };
  request.onload = () => (request.status < 300 ? done(request) : broke(request));
  request.onerror = request.ontimeout = () => broke(request);
  request.onabort = () => broke(null);
  request.send(body);
});
const offsetOf = (answer) => Number(answer.getResponseHeader("Upload-Offset") ?? 0);
const detailOf = (answer) => { try { return JSON.parse(answer.responseText).detail ?? ""; } catch { return ""; } };

// ---- one file, from wherever it stands to its end
const begin = async (item) => {
  const facts = { filename: item.name, ...(item.job ? { bulk_job_id: String(item.job) } : {}) };
  const small = item.file.size <= AT_ONCE;
  const headers = {
    "Upload-Length": String(item.file.size),
    "Upload-Metadata": Object.entries(facts).map(([key, value]) => `${key} ${base64(value)}`).join(","),
    ...(small ? { "Content-Type": BYTES } : {}),
  };
  const url = `${HERE}/uploads?campaign_id=${encodeURIComponent(item.campaign)}`;
  const answer = await ask(item, "POST", url, headers, small ? item.file : null, 0);
  item.url = answer.getResponseHeader("Location");
  remember(item);
  return answer;
};
const goOn = async (item, from) => {
  const part = item.file.slice(from, from + PART);
  return ask(item, "PATCH", item.url, { "Upload-Offset": String(from), "Content-Type": BYTES }, part, from);
};
const standing = async (item) => {
  const answer = await ask(item, "HEAD", item.url, {}, null, item.sent);
  item.sent = offsetOf(answer);
  return answer;
};
const bring = async (item) => {
  let answer = item.url ? await standing(item) : await begin(item);
  while (!answer.getResponseHeader("TotalView-Call-Id")) {
    item.state = "uploading";
    answer = await goOn(item, offsetOf(answer));
    item.sent = offsetOf(answer);
    item.since = Date.now();
  }
  item.call = answer.getResponseHeader("TotalView-Call-Id");
  item.state = answer.getResponseHeader("TotalView-Duplicate") === "true" ? "here" : "done";
  forget(item);
};
const gone = (item, answer) => item.url && (answer.status === 404 || answer.status === 410);
const final = (answer) => answer.status >= 400 && answer.status < 500 && ![408, 409, 423, 425, 429].includes(answer.status);
const run = async (item) => {
  item.since = Date.now();
  for (let tries = 0; !OVER.has(item.state); tries += 1) {
    try {
      item.state = "uploading";
      await bring(item);
    } catch (answer) {
      if (!answer || item.state === "cancelled") return;
      if (answer.status === 401) return end(item, "failed", "You are signed out. Sign in in another tab, then press Retry.");
      const cancelled = answer.status === 409 && detailOf(answer).includes("cancelled");
      if (gone(item, answer)) { forget(item); item.url = null; item.sent = 0; if (answer.status === 410 && detailOf(answer).startsWith("What came was refused")) return end(item, "refused", detailOf(answer)); continue; }
      if (cancelled || final(answer)) { forget(item); return end(item, cancelled ? "cancelled" : "refused", detailOf(answer) || `The server answered ${answer.status}.`); }
      if (Date.now() - item.since > PATIENCE_MS) return end(item, "failed", "The server has not answered for a quarter of an hour. Press Retry when it is back.");
      item.state = "waiting";
      tell();
      const asked = Number(answer.getResponseHeader?.("Retry-After") ?? 0) * 1000;
      await pause(Math.max(asked, Math.min(500 * 2 ** Math.min(tries, 5), LONGEST_PAUSE_MS) * (0.7 + Math.random() * 0.6)));
    }
  }
};
const end = (item, state, words) => { item.state = state; item.words = words; };
const pump = () => {
  for (const item of tv.items) {
    if (tv.active >= PARALLEL) break;
    if (item.state !== "queued") continue;
    item.state = "uploading";
    tv.active += 1;
    run(item).finally(() => { tv.active -= 1; pump(); tell(); });
  }
  tell();
};
const cancel = (item) => {
  const { url, job, state } = item;
  item.state = "cancelled";
  item.request?.abort();
  forget(item);
  const options = { method: "DELETE", headers: TUS };
  if (url) fetch(url, options).catch(() => {});
  if (job && state !== "chosen") announceAnew(job);
  pump();
};
let announcing = 0;
const announceAnew = (job) => {  // several are cancelled in a row: the job is told once
  clearTimeout(announcing);
  announcing = setTimeout(() => {
    const left = tv.items.filter((item) => item.job === job && item.state !== "cancelled").length, where = `${HERE}/bulk_jobs/${job}`;
    const [url, method, body] = left ? [where, "PATCH", JSON.stringify({ expected: left })] : [`${where}/cancel`, "POST", undefined];
    fetch(url, { method, headers: { "Content-Type": "application/json" }, body, keepalive: true }).catch(() => {});
  }, 400);
};

// ---- choosing
const walk = async (entry, found) => {
  if (entry.isFile) {
    const file = await new Promise((done, broke) => entry.file(done, broke)), path = entry.fullPath.split("/").filter(Boolean);
    if (path.length > 1) file.tvFolder = path[0];
    return found.push(file);
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, broke) => reader.readEntries(done, broke));
    if (!some.length) return found.length;
    for (const each of some) await walk(each, found);
  }
};
const dropped = async (transfer) => {
  const entries = [...transfer.items].map((each) => each.webkitGetAsEntry?.()).filter(Boolean), found = [];
  if (!entries.length) return [...transfer.files];
  for (const entry of entries) await walk(entry, found);
  return found;
};
const choose = (files, campaign) => {
  const there = new Set(tv.items.filter((item) => !OVER.has(item.state)).map(mark));
  for (const file of files) {
    if (file.name.startsWith(".")) continue;  // what a system leaves in its folders
    const item = { file, name: file.name, campaign, folder: (file.tvFolder ?? file.webkitRelativePath ?? "").split("/")[0], state: "chosen", sent: 0, url: null, job: null, words: "" };
    if (there.has(mark(item))) continue;
    there.add(mark(item));
    const before = kept()[mark(item)];
    if (before) Object.assign(item, { url: before.url, job: before.job });
    if (!file.size) end(item, "refused", "This file is empty (0 bytes). Export it again from the recording system.");
    tv.items.push(item);
  }
  tell();
};
const folderOf = (items) => {
  const tops = new Set(items.map((item) => item.folder));
  return tops.size === 1 ? [...tops][0].slice(0, 200) : "";
};
const start = async (campaign) => {
  const ready = tv.items.filter((item) => item.state === "chosen"), fresh = ready.filter((item) => !item.url);
  if (fresh.length > 1) {
    const made = await fetch(`${HERE}/bulk_jobs?campaign_id=${encodeURIComponent(campaign)}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ expected: fresh.length, name: folderOf(fresh) }),
    }).catch(() => null);
    if (!made?.ok) return made?.status === 401 ? "You are signed out. Sign in in another tab, then press Upload again." : "The server does not answer just now. Press Upload again in a moment.";
    const job = (await made.json()).id;
    for (const item of fresh) item.job = job;
    tv.job = job;
  }
  for (const item of ready) item.state = "queued";
  tv.reported = false;
  pump();
  return "";
};
addEventListener("beforeunload", (event) => { if (tv.active) event.preventDefault(); });

// ---- showing
const rank = { failed: 0, refused: 1, uploading: 2, waiting: 2, chosen: 3, queued: 4, here: 5, done: 6, cancelled: 7 };
const row = () => {
  const node = el("li", "tv-file"), name = el("span", "tv-file-name"), state = el("span", "tv-file-state"), track = el("progress");
  const words = el("p", "tv-file-words"), button = el("button", "tv-file-act"), link = el("a", "tv-file-open", "Open");
  track.max = 1;
  button.type = "button";
  node.append(name, state, track, link, button, words);
  return { node, name, state, track, words, button, link };
};
const share = (item) => (item.state === "done" || item.state === "here" ? 1 : item.file.size ? item.sent / item.file.size : 0);
const fill = (parts, item) => {
  const { node, name, state, track, words, button, link } = parts, going = item.state === "uploading" || item.state === "waiting";
  node.dataset.state = item.state;
  name.textContent = name.title = item.name;
  state.replaceChildren(COLOURS[item.state]
    ? badge({ label: WORDS[item.state], colour: COLOURS[item.state], icon: ICONS[item.state] })
    : el("span", "tv-soft", item.state === "uploading" ? `${Math.floor(share(item) * 100)}% of ${megabytes(item.file.size)}` : `${WORDS[item.state]}, ${megabytes(item.file.size)}`));
  track.hidden = !going;
  track.value = share(item);
  track.setAttribute("aria-label", `Progress of ${item.name}`);
  words.hidden = !item.words;
  words.textContent = item.words;
  link.hidden = !item.call;
  if (item.call) link.href = `/call?id=${item.call}`;
  const act = item.state === "failed" ? "Retry" : item.state === "chosen" || item.state === "queued" || going ? "Cancel" : "";
  button.hidden = !act;
  button.textContent = act === "Cancel" && item.state === "chosen" ? "Remove" : act;
  button.setAttribute("aria-label", `${button.textContent} ${item.name}`);
  button.onclick = () => {
    if (act === "Retry") Object.assign(item, { state: "queued", words: "" });
    else if (item.state === "chosen") tv.items.splice(tv.items.indexOf(item), 1);
    else return cancel(item);
    pump();
  };
};

const build = (root) => {
  const drop = el("div", "tv-drop"), files = el("input"), folder = el("input"), line = el("p", "tv-drop-line");
  const pick = el("button", "tv-pick", "Choose files"), pickFolder = el("button", "tv-pick", "Choose a folder");
  const hint = el("p", "tv-soft"), before = el("p", "tv-before"), bar = el("div", "tv-upload-bar"), go = el("button", "tv-go", "Upload");
  const clear = el("button", "tv-pick", "Clear the list"), sum = el("p", "tv-sum"), problem = el("p", "tv-file-words"), list = el("ul", "tv-files"), more = el("p", "tv-soft");
  for (const button of [pick, pickFolder, go, clear]) button.type = "button";
  files.type = folder.type = "file";
  files.multiple = folder.multiple = true;
  folder.webkitdirectory = true;
  files.className = folder.className = "tv-input";
  files.setAttribute("aria-label", "Recordings");
  folder.setAttribute("aria-label", "A folder of recordings");
  folder.tabIndex = files.tabIndex = -1;
  sum.setAttribute("role", "status");
  problem.setAttribute("role", "alert");
  line.append(icon("upload_file"), el("span", "", "Drop recordings or folders here"));
  const picks = el("div", "tv-picks");
  picks.append(pick, pickFolder);
  drop.append(line, picks, hint, files, folder);
  bar.append(go, clear, sum);
  root.replaceChildren(drop, before, bar, problem, list, more);
  pick.onclick = () => files.click();
  pickFolder.onclick = () => folder.click();
  return { drop, files, folder, pick, pickFolder, hint, before, bar, go, clear, sum, problem, list, more, rows: new Map() };
};

const draw = (parts, data) => {
  const items = tv.items, counts = {};
  for (const item of items) counts[item.state] = (counts[item.state] ?? 0) + 1;
  const over = items.filter((item) => OVER.has(item.state)).length, chosen = counts.chosen ?? 0;
  const shown = items.toSorted((one, other) => rank[one.state] - rank[other.state]).slice(0, SHOWN);
  for (const [item, each] of parts.rows) if (!shown.includes(item)) { each.node.remove(); parts.rows.delete(item); }
  shown.forEach((item, place) => {
    if (!parts.rows.has(item)) parts.rows.set(item, row());
    const each = parts.rows.get(item);
    fill(each, item);
    if (parts.list.children[place] !== each.node) parts.list.insertBefore(each.node, parts.list.children[place] ?? null);
  });
  parts.more.textContent = items.length > SHOWN ? `and ${(items.length - SHOWN).toLocaleString("en")} more` : "";
  parts.go.disabled = !data.campaign || !chosen;
  parts.go.textContent = chosen > 1 ? `Upload ${chosen.toLocaleString("en")} recordings` : "Upload";
  parts.pick.disabled = parts.pickFolder.disabled = !data.campaign;
  parts.clear.hidden = !over && !chosen;
  parts.drop.classList.toggle("tv-drop-off", !data.campaign);
  parts.hint.textContent = data.campaign ? data.hint : "Choose a campaign first.";
  const waiting = data.campaign && !items.length ? unfinished(data.campaign) : 0;
  parts.before.hidden = !waiting;
  parts.before.textContent = waiting === 1 ? "One upload was interrupted. Choose the same file again, and it goes on where it stopped." : `${waiting} uploads were interrupted. Choose the same files again, and they go on where they stopped.`;
  const bytes = items.reduce((all, item) => all + (OVER.has(item.state) ? item.file.size : item.sent), 0), whole = items.reduce((all, item) => all + item.file.size, 0);
  const begun = items.length - chosen;
  parts.sum.textContent = begun
    ? [`${over.toLocaleString("en")} of ${begun.toLocaleString("en")}`, `${megabytes(bytes)} of ${megabytes(whole)}`, counts.refused ? `${counts.refused} not taken` : "", counts.failed ? `${counts.failed} broke off` : ""].filter(Boolean).join(" · ")
    : "";
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-uploader");
  const parts = (root.tvParts ??= build(root));
  const paint = () => {
    draw(parts, data);
    const idle = tv.items.length > 0 && tv.items.every((item) => OVER.has(item.state));
    if (idle && !tv.reported) {
      tv.reported = true;
      const arrived = tv.items.filter((item) => item.call).map((item) => item.call);
      setTriggerValue("clicked", JSON.stringify({ job: tv.job, arrived: arrived.length, call: arrived[0] ?? null }));
    }
  };
  let frame = 0;
  const soon = () => { frame ||= requestAnimationFrame(() => { frame = 0; paint(); }); };
  const add = (files) => { parts.problem.textContent = ""; choose(files, data.campaign); };
  parts.files.onchange = () => { add(parts.files.files); parts.files.value = ""; };
  parts.folder.onchange = () => { add(parts.folder.files); parts.folder.value = ""; };
  parts.drop.ondragover = (event) => { event.preventDefault(); parts.drop.classList.toggle("tv-drop-over", Boolean(data.campaign)); };
  parts.drop.ondragleave = () => parts.drop.classList.remove("tv-drop-over");
  parts.drop.ondrop = (event) => {
    event.preventDefault();
    parts.drop.classList.remove("tv-drop-over");
    if (data.campaign) dropped(event.dataTransfer).then(add);
  };
  parts.go.onclick = async () => { parts.go.disabled = true; parts.problem.textContent = await start(data.campaign); soon(); };
  parts.clear.onclick = () => { tv.items = tv.items.filter((item) => !OVER.has(item.state) && item.state !== "chosen"); tell(); };
  if (root.tvWatch) tv.watchers.delete(root.tvWatch);
  root.tvWatch = soon;
  tv.watchers.add(soon);
  paint();
  return () => tv.watchers.delete(soon);  // uploads go on while another page is open
}
