// The audit log: one line an act, its details behind it. All of it came from somebody, and stays text.
const entry = (line) => {
  const box = el("details", "tv-log-line"), head = el("summary"), what = el("span", "tv-log-what");
  what.append(icon(line.icon), el("span", "tv-log-act", line.what), el("span", "tv-log-subject", line.subject));
  const where = el("span", "tv-log-campaign tv-soft", line.campaign);
  head.append(el("span", "tv-log-when tv-soft", line.when), what, where, el("span", "tv-log-by", line.by));
  const more = el("dl", "tv-log-more");
  for (const [name, value] of line.pairs) more.append(el("dt", "tv-soft", name), el("dd", "", value));
  box.append(head, more);
  return box;
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-log"), now = JSON.stringify(data);
  if (root.dataset.shown === now) return;
  root.dataset.shown = now;
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", data.label);
  root.replaceChildren(...data.lines.map(entry));
}
