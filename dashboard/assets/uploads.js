// Uploads by tus to our own API. What is under way lives in the window, so that it goes on while other pages are open;
// what was begun is remembered in the browser, so that choosing the same files again after a reload goes on there.
const HERE = "/api/v1", TUS = { "Tus-Resumable": "1.0.0" }, BYTES = "application/offset+octet-stream";
const PARALLEL = 4, AT_ONCE = 8 << 20, PART = 64 << 20;
const PATIENCE_MS = 15 * 60 * 1000, LONGEST_PAUSE_MS = 15000;
const STALLED_MS = 60 * 1000, ANSWER_MS = 10 * 60 * 1000;  // while bytes go out; while the server makes a call of them
const KEPT = "tv-upload:", ALIVE = "tv-uploads-tab:", DAY_MS = 24 * 3600 * 1000, BEAT_MS = 5000;
const OVER = new Set(["done", "here", "refused", "failed", "cancelled"]);
const LEFT_BY_SYSTEMS = /^(\..*|thumbs\.db|desktop\.ini)$/i;
const tv = (window.tvUploads ??= {});
// `held`: why nothing is sent just now; `off`: how many were withdrawn of a job, until the server is told
for (const [name, first] of Object.entries({ items: [], active: 0, watchers: new Set(), job: null, reported: true, told: 0, held: "", starting: false, off: {}, tab: Math.random().toString(36).slice(2) })) tv[name] ??= first;

const tell = () => tv.watchers.forEach((draw) => draw());
const base64 = (text) => btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
const pause = (ms) => new Promise((go) => {  // or until the line is back
  const over = () => { clearTimeout(timer); removeEventListener("online", over); go(); };
  const timer = setTimeout(over, ms);
  addEventListener("online", over);
});

// ---- what is remembered over a reload: of each file its upload, its job, and the call that it became
const stored = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
const store = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* private windows keep nothing */ } };
const drop = (key) => { try { localStorage.removeItem(key); } catch { /* nor forget */ } };
const keys = (start) => { try { return Object.keys(localStorage).filter((key) => key.startsWith(start)); } catch { return []; } };
const mark = (item) => `${KEPT}${item.campaign}|${item.path}|${item.file.size}|${item.file.lastModified}`;
const remember = (item) => store(mark(item), { url: item.url, job: item.job, call: item.call, at: Date.now(), tab: tv.tab });
const forget = (item) => drop(mark(item));
const lives = (tab) => tab !== tv.tab && Date.now() - (stored(ALIVE + tab) ?? 0) < 3 * BEAT_MS;  // another tab is at it
const interrupted = (campaign) => keys(`${KEPT}${campaign}|`).map(stored).filter((one) => one && !one.call && !lives(one.tab)).length;
for (const key of keys(KEPT)) if (!(Date.now() - stored(key)?.at < DAY_MS)) drop(key);
for (const key of keys(ALIVE)) if (!(Date.now() - stored(key) < DAY_MS)) drop(key);
const beat = () => { if (unfinished()) store(ALIVE + tv.tab, Date.now()); };
const unfinished = () => tv.items.some((item) => item.state !== "chosen" && !OVER.has(item.state));
tv.beating ??= setInterval(beat, BEAT_MS);

// ---- one request; XMLHttpRequest, because fetch tells nothing of what has been sent
const ask = (item, method, url, headers, body, from) => new Promise((done, broke) => {
  const request = (item.request = new XMLHttpRequest());
  let stalled = false, timer = 0;
  const within = (ms) => { clearTimeout(timer); timer = setTimeout(() => { stalled = true; request.abort(); }, ms); };
  request.open(method, url);
  for (const [name, value] of Object.entries({ ...TUS, ...headers })) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => { item.sent = from + event.loaded; item.since = Date.now(); within(STALLED_MS); tell(); };
  request.upload.onload = () => within(ANSWER_MS);
  request.onload = () => (request.status < 300 ? done(request) : broke(request));
  request.onerror = () => broke(request);
  request.onabort = () => broke(stalled ? request : null);  // null: somebody wanted it
  request.onloadend = () => clearTimeout(timer);
  within(STALLED_MS);
  request.send(body);
});
const offsetOf = (answer) => Number(answer.getResponseHeader("Upload-Offset") ?? 0);
const problemOf = (answer) => { try { return JSON.parse(answer.responseText) ?? {}; } catch { return {}; } };

// ---- one file, from wherever it stands to its end
const begin = async (item) => {
  const facts = { filename: item.file.name, ...(item.job ? { bulk_job_id: String(item.job) } : {}) };
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
const goOn = (item, from) => {
  const part = item.file.slice(from, from + PART);
  return ask(item, "PATCH", item.url, { "Upload-Offset": String(from), "Content-Type": BYTES }, part, from);
};
const bring = async (item) => {
  let answer = item.url ? await ask(item, "HEAD", item.url, {}, null, item.sent) : await begin(item);
  item.sent = offsetOf(answer);
  while (!answer.getResponseHeader("TotalView-Call-Id")) {
    if (item.state === "cancelled") throw null;  // between two requests
    item.state = "uploading";
    answer = await goOn(item, item.sent);
    item.sent = offsetOf(answer);
    item.since = Date.now();
  }
  item.call = answer.getResponseHeader("TotalView-Call-Id");
  item.state = answer.getResponseHeader("TotalView-Duplicate") === "true" ? "here" : "done";
  if (item.job) remember(item); else forget(item);
};
const end = (item, state, words) => { forget(item); Object.assign(item, { state, words }); };
const passing = (status) => status < 400 || status >= 500 || [408, 409, 423, 425, 429].includes(status);
const settle = (item, answer) => {  // whether what went wrong has ended it, for now or for good
  const { detail = "", type = "" } = problemOf(answer);
  if (answer.status === 401) {
    item.state = "queued";
    tv.held = "You are signed out. Sign in in another tab, then go on here.";
  } else if (type.endsWith("cancelled")) {
    for (const each of tv.items) if (each === item || (each.job === item.job && each.state === "queued")) end(each, "cancelled", detail);
  } else if (item.url && (answer.status === 404 || answer.status === 410)) {
    forget(item);
    Object.assign(item, { url: null, sent: 0 });
    if (!detail.startsWith("What came was refused")) return false;
    end(item, "refused", detail);
  } else if (!passing(answer.status)) {
    end(item, "refused", detail || `The server answered ${answer.status}.`);
  } else if (Date.now() - item.since > PATIENCE_MS) {
    Object.assign(item, { state: "failed", words: "The server has not answered for a quarter of an hour. Retry when it is back." });
  } else {
    return false;
  }
  return true;
};
const run = async (item) => {
  item.since = Date.now();
  for (let tries = 0; ; tries += 1) {
    try {
      item.state = "uploading";
      return await bring(item);
    } catch (answer) {
      if (answer instanceof Error) return Object.assign(item, { state: "failed", words: "This file cannot be read any more. Choose it again." });
      if (!answer || item.state === "cancelled" || settle(item, answer)) return undefined;
      Object.assign(item, { state: "waiting", busy: answer.status > 0 });
      tell();
      const asked = Number(answer.getResponseHeader("Retry-After") ?? 0) * 1000;
      await pause(Math.max(asked, Math.min(500 * 2 ** Math.min(tries, 5), LONGEST_PAUSE_MS) * (0.7 + Math.random() * 0.6)));
      if (item.state === "cancelled") return undefined;
    }
  }
};
const pump = () => {
  for (const item of tv.items) {
    if (tv.active >= PARALLEL || tv.held) break;
    if (item.state !== "queued") continue;
    item.state = "uploading";
    tv.active += 1;
    run(item).finally(() => { tv.active -= 1; pump(); });
  }
  if (tv.items.length && !tv.items.some((item) => item.state === "failed") && !unfinished()) tv.items.forEach(forget);
  tell();
};
const goOnAll = () => {
  tv.held = "";
  for (const item of tv.items) if (item.state === "failed") Object.assign(item, { state: "queued", words: "" });
  tv.reported = false;
  pump();
};

// ---- withdrawing
const withdraw = async (url) => {
  for (const ms of [0, 3000, 9000]) {  // the server may hold for a while what has just broken off
    await pause(ms);
    const answer = await fetch(url, { method: "DELETE", headers: TUS }).catch(() => null);
    if (answer?.ok || answer?.status === 404 || answer?.status === 410) return;
  }
};
const cancel = (...items) => {
  for (const item of items) {
    const { url, job } = item;
    item.state = "cancelled";
    item.words = "";
    item.request?.abort();
    forget(item);
    if (url) withdraw(url);
    if (job) tv.off[job] = (tv.off[job] ?? 0) + 1;
  }
  clearTimeout(tv.announcing);  // several are withdrawn in a row: each job is told once
  tv.announcing = setTimeout(() => Object.keys(tv.off).forEach(announceAnew), 400);
  pump();
};
const announceAnew = async (job) => {
  const where = `${HERE}/bulk_jobs/${job}`, off = tv.off[job];
  const json = { "Content-Type": "application/json" };
  delete tv.off[job];
  try {
    const { expected } = await (await fetch(where)).json();
    if (expected > off) await fetch(where, { method: "PATCH", headers: json, body: JSON.stringify({ expected: expected - off }), keepalive: true });
    else await fetch(`${where}/cancel`, { method: "POST", keepalive: true });
  } catch { /* what never came counts as missing, and after a day as failed */ }
};

// ---- choosing
const walk = async (entry, found) => {
  if (entry.isFile) {
    const file = await new Promise((done, broke) => entry.file(done, broke));
    file.tvPath = entry.fullPath.replace(/^\//, "");
    return found.push(file);
  }
  const reader = entry.createReader();
  for (;;) {  // a reader gives a hundred at a time
    const some = await new Promise((done, broke) => reader.readEntries(done, broke));
    if (!some.length) return found.length;
    for (const each of some) await walk(each, found);
  }
};
const dropped = async (transfer) => {
  const entries = [...transfer.items].map((each) => each.webkitGetAsEntry?.()).filter(Boolean), files = [...transfer.files], found = [];
  if (!entries.length) return files;
  for (const entry of entries) await walk(entry, found);
  return found;
};
const choose = (files) => {
  const same = ({ path, file }) => `${path}|${file.size}|${file.lastModified}`;
  const there = new Set(tv.items.filter((item) => item.state === "chosen").map(same));
  for (const file of files) {
    const path = file.tvPath || file.webkitRelativePath || file.name;
    const item = { file, path, campaign: "", label: "", state: "chosen", sent: 0, url: null, job: null, call: null, words: "" };
    if (LEFT_BY_SYSTEMS.test(file.name) || there.has(same(item))) continue;
    there.add(same(item));
    if (!file.size) Object.assign(item, { state: "refused", words: "This file is empty (0 bytes). Export it again from the recording system." });
    tv.items.push(item);
  }
  tell();
};
const folderOf = (items) => {
  const tops = new Set(items.map((item) => item.path.split("/").slice(0, -1)[0] ?? ""));
  return tops.size === 1 ? [...tops][0].slice(0, 200) : "";
};
const announce = async (items, campaign) => {
  const made = await fetch(`${HERE}/bulk_jobs?campaign_id=${encodeURIComponent(campaign)}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ expected: items.length, name: folderOf(items) }),
  }).catch(() => null);
  if (made?.status === 401) throw new Error("You are signed out. Sign in in another tab, then press Upload again.");
  if (made?.status === 404) throw new Error("This campaign takes no uploads from you any more. Load the page again.");
  if (made?.status === 403) throw new Error((await made.json().catch(() => ({}))).detail || "You may not upload to this campaign.");
  if (!made?.ok) throw new Error("The server does not answer just now. Press Upload again in a moment.");
  return (await made.json()).id;
};
const start = async (campaign, label) => {  // what is wrong, in words
  if (tv.starting) return "";
  tv.starting = true;
  try {
    const busy = new Set(tv.items.filter((item) => item.state !== "chosen" && !OVER.has(item.state)).map(mark)), ready = [];
    for (const item of tv.items.filter((each) => each.state === "chosen")) {
      Object.assign(item, { campaign, label });
      if (busy.has(mark(item))) tv.items.splice(tv.items.indexOf(item), 1);  // on its way there already
      else ready.push(item);
    }
    for (const item of ready) { const { url, job, call } = stored(mark(item)) ?? {}; item.before = { url: url ?? null, job: job ?? null, call: call ?? null }; }
    const fresh = ready.filter(({ before }) => !before.url && !before.job);
    const job = fresh.length > 1 ? await announce(fresh, campaign) : null;
    for (const item of ready) {
      const { url, job: earlier, call } = item.before;  // what was interrupted goes on in its own job
      Object.assign(item, { url, call, job: url || earlier ? earlier : job, state: call ? "here" : "queued" });
      if (item.job) remember(item);
    }
    tv.job = job ?? ready.find((item) => item.job)?.job ?? tv.job;
    tv.held = "";
  } catch (problem) {
    return problem.message;
  } finally {
    tv.starting = false;
  }
  tv.reported = false;
  beat();
  pump();
  return "";
};
addEventListener("beforeunload", (event) => { if (unfinished()) event.preventDefault(); });
addEventListener("pagehide", () => drop(ALIVE + tv.tab));
