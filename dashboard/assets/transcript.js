// The player and the transcript beside it. Seeking happens here alone: a click runs nothing on the server.
const line = (turn) => {
  const button = el("button", `tv-line tv-line-${turn.colour}`);
  button.type = "button";
  button.append(el("span", "tv-time", clock(turn.start_ms)), el("span", "tv-speaker", turn.speaker), el("span", "tv-said", turn.text));
  return button;
};

const build = (root, data) => {
  const lines = el("div", "tv-lines"), parts = [];
  if (data.recording) {
    const audio = el("audio"), failed = el("p", "tv-unplayable");
    const save = el("a", "", "Download the recording");
    audio.controls = true;
    audio.preload = "metadata";
    audio.src = data.recording;
    failed.hidden = true;
    failed.append(el("span", "", "This recording cannot be played here: it is gone, cannot be fetched just now, or your browser does not know its format. "));
    save.href = `${data.recording}?download=1`;
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
    parts.push(audio, failed);
  }
  if (data.silent) parts.push(el("p", "tv-soft", data.silent));
  if (data.turns.length) {
    lines.append(...data.turns.map(line));
    parts.push(lines);
  } else {
    parts.push(el("p", "tv-soft", data.empty));
  }
  root.replaceChildren(...parts);
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-transcript"), now = JSON.stringify(data);
  if (root.dataset.shown !== now) {
    root.dataset.shown = now;
    build(root, data);
  }
  const audio = root.querySelector("audio"), box = root.querySelector(".tv-lines"), turns = data.turns;
  let current = -1;
  const mark = () => {
    let low = 0, high = turns.length - 1, found = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (turns[middle].start_ms <= audio.currentTime * 1000 + 50) { found = middle; low = middle + 1; } else high = middle - 1;
    }
    if (found === current || !box) return;
    box.children[current]?.removeAttribute("aria-current");
    current = found;
    const line = box.children[found];
    line?.setAttribute("aria-current", "true");
    if (line && !box.matches(":hover")) box.scrollTo({ top: line.offsetTop - box.clientHeight / 2, behavior: "smooth" });
  };
  const play = (ms) => {
    if (!audio) return;
    audio.currentTime = ms / 1000;
    audio.play().catch(() => {});
  };
  const heard = (event) => play(event.detail);
  if (box) box.onclick = (event) => {
    const line = event.target.closest(".tv-line");
    if (line) play(turns[[...box.children].indexOf(line)].start_ms);
  };
  if (audio) {
    audio.ontimeupdate = audio.onseeked = mark;
    if (data.start_ms && !audio.dataset.begun) audio.currentTime = data.start_ms / 1000;
    audio.dataset.begun = "yes";
  }
  root.stopListening?.();
  addEventListener("tv-seek", heard);
  root.stopListening = () => removeEventListener("tv-seek", heard);
  return () => { root.stopListening(); audio?.pause(); };
}
