// How far a bulk job is: a bar in the colours of what became of its recordings, and a line that says how many of each.
const part = (one) => {
  const item = el("li"), name = one.href ? el("a", "tv-tally-link") : el("span");
  name.append(badge(one), el("span", "tv-tally-number", one.count.toLocaleString("en")));
  if (one.href) {
    name.href = one.href;
    name.dataset.id = one.id;
  }
  item.append(name);
  return item;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-tally"), now = JSON.stringify(data);
  root.onclick = opens(setTriggerValue);
  if (root.dataset.shown === now) return;
  root.dataset.shown = now;
  const focused = focusedIn(root);
  const head = el("p", "tv-tally-head"), bar = el("div", "tv-tally-bar"), list = el("ul");
  head.append(el("b", "", data.done), el("span", "tv-soft", data.pace));
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", data.label);
  bar.setAttribute("aria-valuemin", "0");
  bar.setAttribute("aria-valuemax", "100");
  bar.setAttribute("aria-valuenow", String(Math.round(data.share * 100)));
  bar.setAttribute("aria-valuetext", data.done);
  for (const one of data.parts) {
    const piece = el("span", `tv-tally-piece tv-tally-${one.colour}${one.over ? "" : " tv-tally-on"}`);
    piece.style.flexGrow = one.count;
    piece.title = `${one.label}: ${one.count.toLocaleString("en")}`;
    bar.append(piece);
  }
  list.append(...data.parts.map(part));
  root.replaceChildren(head, bar, list);
  if (focused) [...list.querySelectorAll("a")].find((link) => link.dataset.id === focused)?.focus();
}
