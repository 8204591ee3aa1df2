// Names and values, lines of a timeline, or how several things are: all of it text.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-facts");
  const lines = data.timeline ?? data.states;
  const list = el(lines ? "ol" : "dl", data.timeline ? "tv-timeline" : lines ? "tv-states" : "tv-pairs");
  for (const line of lines ?? []) {
    const item = el("li"), words = el("div");
    words.append(badge(line.badge), el("span", "tv-soft", line.when));
    item.append(words);
    if (line.words) item.append(el("p", "", line.words));
    if (line.by) item.append(el("p", "tv-soft", line.by));
    list.append(item);
  }
  for (const [name, value] of data.pairs ?? []) list.append(el("dt", "tv-soft", name), el("dd", "", value));
  root.replaceChildren(list);
}
