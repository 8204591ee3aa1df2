// A page's heading: a name that came from outside, badges, facts, and what must be said at once.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-heading");
  const badges = el("div", "tv-badges"), facts = el("p", "tv-line-of-facts tv-soft");
  badges.append(...data.badges.map(badge));
  facts.textContent = data.facts.join(" · ");
  root.replaceChildren(el("h1", "", data.title), badges, facts, ...data.notes.map(note));
}
