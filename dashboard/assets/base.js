// Shared by every component: elements are made one by one and filled by textContent, so that no text becomes markup.
const el = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};
const icon = (name) => {
  const node = el("span", "tv-icon", name);
  node.setAttribute("aria-hidden", "true");
  node.translate = false;
  return node;
};
const badge = ({ label, colour, icon: name }) => {
  const node = el("span", `tv-badge tv-${colour}`);
  node.append(icon(name), el("span", "", label));
  return node;
};
// A plain click on a link with an id stays in this page; with a key held it opens another tab, as links do.
const opens = (setTriggerValue) => (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  setTriggerValue("clicked", link.dataset.id);
};
const focusedIn = (root) => (root.contains(document.activeElement) ? document.activeElement.dataset.id : "");
const clock = (ms) => {
  const s = Math.floor(ms / 1000), h = Math.floor(s / 3600), two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
};
const note = ({ colour, icon: name, title, lines }) => {
  const box = el("div", `tv-note tv-note-${colour}`), words = el("div");
  box.setAttribute("role", colour === "red" ? "alert" : "note");
  words.append(el("b", "", title), ...lines.map((line) => el("p", "", line)));
  box.append(icon(name), words);
  return box;
};
// What somebody said, as evidence: it plays the recording from there.
const evidence = (piece) => {
  const item = el("li", "tv-evidence");
  const quote = el(piece.start_ms === null ? "span" : "button", "tv-quote");
  if (piece.start_ms !== null) {
    quote.type = "button";
    quote.title = "Listen from here";
    quote.onclick = () => dispatchEvent(new CustomEvent("tv-seek", { detail: piece.start_ms }));
    quote.append(el("span", "tv-time", clock(piece.start_ms)));
  }
  if (piece.speaker) quote.append(el("span", "tv-who-said", piece.speaker));
  quote.append(el("span", "", piece.quote));
  item.append(quote);
  return item;
};
