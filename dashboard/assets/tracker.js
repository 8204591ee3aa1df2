// The bulk jobs that are under way, one line each.
const line = (row) => {
  const item = el("li"), name = el("a", "tv-tracked", row.name), track = el("progress"), words = el("span", "tv-tracked-words");
  name.href = row.href;
  name.title = row.name;
  name.dataset.id = row.id;
  track.max = 1;
  track.value = row.share;
  track.setAttribute("aria-label", `Progress of ${row.name}`);
  words.append(el("span", "", `${row.done} done`));
  if (row.failed) words.append(" · ", el("span", "tv-tracked-failed", row.failed));
  if (row.pace) words.append(el("span", "tv-soft", ` · ${row.pace}`));
  const whose = el("span", "tv-tracked-of");
  whose.append(name, el("span", "tv-soft tv-tracked-campaign", row.campaign));
  item.append(whose, track, words);
  return item;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-tracker"), now = JSON.stringify(data);
  root.onclick = opens(setTriggerValue);
  if (root.dataset.shown === now) return;
  root.dataset.shown = now;
  const focused = focusedIn(root);
  const list = el("ul");
  list.setAttribute("aria-label", data.label);
  list.append(...data.rows.map(line));
  const head = el("p", "tv-tracker-head");
  head.append(icon("sync"), el("span", "", data.label));
  root.replaceChildren(head, list);
  if (focused) [...list.querySelectorAll("a")].find((link) => link.dataset.id === focused)?.focus();
}
