// The player, who speaks when, and the transcript. Seeking happens here alone: a click runs nothing on the server.
const SKIP_S = 5, MOST_HITS = 2000;

const line = (turn) => {
  const button = el("button", `tv-line tv-line-${turn.colour}`);
  button.type = "button";
  button.tabIndex = -1;  // one stop for the Tab key; arrows go from line to line
  button.append(el("span", "tv-time", clock(turn.start_ms)), el("span", "tv-speaker", turn.speaker), el("span", "tv-said", turn.text));
  return button;
};

const player = (recording) => {
  const audio = el("audio"), failed = el("p", "tv-unplayable"), save = el("a", "", "Download the recording");
  audio.controls = true;
  audio.preload = "metadata";
  audio.src = recording;
  audio.setAttribute("aria-label", "The recording");
  failed.hidden = true;
  failed.append(el("span", "", "This recording cannot be played here: it is gone, cannot be fetched just now, or your browser does not know its format. "));
  save.href = `${recording}?download=1`;
  failed.append(save);
  let renewed = 0;
  audio.onerror = () => {
    const at = audio.currentTime, playing = !audio.paused;
    if (audio.duration > 0 && Date.now() - renewed > 30000) {  // a link to the bucket has run out; asking again gives a fresh one
      renewed = Date.now();
      audio.load();
      audio.currentTime = at;
      if (playing) audio.play().catch(() => {});
      return;
    }
    failed.hidden = false;
    audio.hidden = true;
  };
  return [audio, failed];
};

const lanes = ({ duration_ms: whole, lanes: all }) => {
  const box = el("div", "tv-talk");
  for (const { name, colour, total, pieces } of all) {
    const track = el("div", "tv-lane-track");
    track.setAttribute("aria-hidden", "true");  // the name and the total say it in words; the lines below seek by keyboard
    for (const [start, end] of pieces) {
      const piece = el("span", `tv-piece tv-piece-${colour}`);
      piece.style.left = `${(100 * start) / whole}%`;
      piece.style.width = `${(100 * (end - start)) / whole}%`;
      track.append(piece);
    }
    track.append(el("span", "tv-playhead"));
    box.append(el("span", "tv-lane-name", name), track, el("span", "tv-lane-total tv-soft", total));
  }
  return box;
};

const small = (name, label) => {
  const button = el("button", "tv-small");
  button.type = "button";
  button.title = label;
  button.setAttribute("aria-label", label);
  button.append(icon(name));
  return button;
};

const searchBar = () => {
  const bar = el("div", "tv-search"), label = el("label", "tv-search-box"), input = el("input"), count = el("span", "tv-search-count tv-soft");
  input.type = "search";
  input.placeholder = "Search this transcript";
  input.setAttribute("aria-label", "Search this transcript");
  input.maxLength = 200;
  count.setAttribute("role", "status");
  label.append(icon("search"), input);
  bar.append(label, count, small("keyboard_arrow_up", "Previous match"), small("keyboard_arrow_down", "Next match"),
    el("span", "tv-keys tv-soft", "Space plays, arrows move"));
  return bar;
};

const build = (root, data) => {
  const parts = data.recording ? player(data.recording) : [];
  if (data.silent) parts.push(el("p", "tv-soft", data.silent));
  if (data.talk) parts.push(lanes(data.talk));
  if (data.turns.length) {
    const lines = el("div", "tv-lines");
    lines.setAttribute("role", "group");
    lines.setAttribute("aria-label", "Transcript. Enter plays from a line, Space plays and pauses, arrows move.");
    lines.append(...data.turns.map(line));
    lines.firstChild.tabIndex = 0;
    parts.push(searchBar(), lines);
  } else {
    parts.push(el("p", "tv-soft", data.empty));
  }
  root.replaceChildren(...parts);
};

// Marks every match in the lines; the marks, in order.
const marked = (box, turns, query) => {
  const words = query.trim().split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&"));
  const matcher = words.length ? new RegExp(words.join("\\s+"), "giu") : null;
  const hits = [];
  [...box.children].forEach((each, place) => {
    const said = each.querySelector(".tv-said"), text = turns[place].text;
    const found = matcher && hits.length < MOST_HITS ? [...text.matchAll(matcher)] : [];
    if (!found.length) {
      if (said.firstElementChild) said.textContent = text;
      return;
    }
    const parts = [];
    let from = 0;
    for (const match of found) {
      const hit = el("mark", "tv-hit", match[0]);
      parts.push(text.slice(from, match.index), hit);
      hits.push(hit);
      from = match.index + match[0].length;
    }
    said.replaceChildren(...parts, text.slice(from));
  });
  return hits;
};

const withSearch = (root, box, turns) => {
  const bar = root.querySelector(".tv-search"), input = bar.querySelector("input"), count = bar.querySelector(".tv-search-count");
  const [back, on] = bar.querySelectorAll(".tv-small");
  let hits = [], at = -1;
  const go = (to) => {
    if (hits.length) {
      hits[at]?.classList.remove("tv-hit-now");
      at = (to + hits.length) % hits.length;
      hits[at].classList.add("tv-hit-now");
      const one = hits[at].closest(".tv-line");
      box.scrollTo({ top: one.offsetTop - box.clientHeight / 2, behavior: "smooth" });
    }
    count.textContent = !input.value.trim() ? "" : hits.length ? `${at + 1} of ${hits.length}` : "Not found";
    back.disabled = on.disabled = !hits.length;
  };
  input.oninput = () => {
    hits = marked(box, turns, input.value);
    at = -1;
    go(0);
  };
  input.onkeydown = (event) => {
    if (event.key === "Enter") go(at + (event.shiftKey ? -1 : 1));
    if (event.key === "Escape") {
      input.value = "";
      input.oninput();
    }
    event.stopPropagation();  // the page has keys of its own
  };
  back.onclick = () => go(at - 1);
  on.onclick = () => go(at + 1);
  if (input.value) input.oninput();
  else go(0);
  return () => hits.length > 0;
};

const withKeys = (box, { toggle, skip }) => {
  const focus = (to) => {
    const lines = box.children, next = lines[Math.max(0, Math.min(lines.length - 1, to))];
    box.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    next.tabIndex = 0;
    next.focus();
  };
  box.onkeydown = (event) => {
    const at = [...box.children].indexOf(document.activeElement);
    const does = {
      ArrowDown: () => focus(at + 1), ArrowUp: () => focus(at - 1), Home: () => focus(0), End: () => focus(box.children.length),
      ArrowLeft: () => skip(-SKIP_S), ArrowRight: () => skip(SKIP_S), " ": toggle,
    }[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    does();
  };
  box.onkeyup = (event) => { if (event.key === " ") event.preventDefault(); };  // a button would take it for a click
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-transcript"), now = JSON.stringify(data);
  if (root.dataset.shown !== now) {
    root.dataset.shown = now;
    build(root, data);
  }
  const audio = root.querySelector("audio"), box = root.querySelector(".tv-lines"), talk = root.querySelector(".tv-talk"), turns = data.turns;
  let current = -1, searching = () => false;
  const mark = (ms, always) => {
    talk?.style.setProperty("--tv-at", `${Math.min(100, (100 * ms) / data.talk.duration_ms)}%`);
    let low = 0, high = turns.length - 1, found = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (turns[middle].start_ms <= ms + 50) { found = middle; low = middle + 1; } else high = middle - 1;
    }
    if (!box || (found === current && !always)) return;
    box.children[current]?.removeAttribute("aria-current");
    current = found;
    const one = box.children[found];
    one?.setAttribute("aria-current", "true");
    if (one && (always || !(box.matches(":hover") || searching()))) box.scrollTo({ top: one.offsetTop - box.clientHeight / 2, behavior: "smooth" });
  };
  const play = (ms) => {
    mark(ms, true);
    if (!audio) return;
    audio.currentTime = ms / 1000;
    audio.play().catch(() => {});
  };
  const toggle = () => { if (audio) audio.paused ? audio.play().catch(() => {}) : audio.pause(); };
  const skip = (seconds) => { if (audio) audio.currentTime = Math.max(0, audio.currentTime + seconds); };
  const heard = (event) => play(event.detail);
  if (box) {
    box.onclick = (event) => {
      const one = event.target.closest(".tv-line");
      if (one && !String(getSelection())) play(turns[[...box.children].indexOf(one)].start_ms);
    };
    withKeys(box, { toggle, skip });
    searching = withSearch(root, box, turns);
  }
  if (talk) {
    const moment = (event) => {
      const { left, width } = event.target.closest(".tv-lane-track").getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - left) / width)) * data.talk.duration_ms;
    };
    talk.onclick = (event) => { if (event.target.closest(".tv-lane-track")) play(moment(event)); };
    talk.onmousemove = (event) => { if (event.target.closest(".tv-lane-track")) talk.title = clock(moment(event)); };
  }
  if (audio) audio.ontimeupdate = audio.onseeked = () => mark(audio.currentTime * 1000);
  if (!root.dataset.begun) {
    root.dataset.begun = "yes";
    if (data.start_ms) {
      if (audio) audio.currentTime = data.start_ms / 1000;
      mark(data.start_ms, true);
    }
  }
  root.stopListening?.();
  addEventListener("tv-seek", heard);
  root.stopListening = () => removeEventListener("tv-seek", heard);
  return () => { root.stopListening(); audio?.pause(); };
}
