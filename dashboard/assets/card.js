// What is known of one thing: a name from outside, its sign, where it stands, facts, what must be said. All of it text.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-card");
  const head = el("div", "tv-card-head"), facts = el("dl", "tv-card-facts");
  head.append(el("span", "tv-card-title", data.title));
  if (data.code) head.append(el("code", "tv-card-code", data.code));
  head.append(...(data.badges ?? []).map(badge));
  for (const [name, value] of data.facts ?? []) {
    const pair = el("div");
    pair.append(el("dt", "tv-soft", name), el("dd", "", value));
    facts.append(pair);
  }
  root.replaceChildren(...(data.title ? [head] : []), ...(facts.childElementCount ? [facts] : []), ...(data.notes ?? []).map(note));
}
