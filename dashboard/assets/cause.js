// One cause of failures: how many, why, and which files.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-cause"), head = el("div", "tv-cause-head"), facts = el("dl", "tv-cause-facts");
  head.append(badge(data.badge), el("b", "", data.title));
  for (const [name, value] of data.facts) facts.append(el("dt", "tv-soft", name), el("dd", "", value));
  root.replaceChildren(head, el("p", "tv-cause-words", data.words), ...(data.facts.length ? [facts] : []));
}
