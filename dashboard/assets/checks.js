// What each check found, by section. A piece of evidence plays the recording from where it was said.
const check = (found) => {
  const item = el("li", "tv-check"), head = el("div", "tv-check-head"), name = el("span", "tv-check-name", found.name);
  head.append(badge(found.verdict), name);
  if (found.critical) head.append(badge(found.critical));
  if (found.doubt) head.append(badge(found.doubt));
  item.append(head, el("p", "tv-check-facts tv-soft", found.facts.join(" · ")));
  if (found.reason) item.append(el("p", "tv-reason", found.reason));
  if (found.evidence.length) {
    const list = el("ul", "tv-evidences");
    list.append(...found.evidence.map(evidence));
    item.append(list);
  }
  return item;
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-checks");
  root.replaceChildren(
    ...data.sections.flatMap((section) => {
      const head = el("div", "tv-section"), list = el("ul", "tv-check-list");
      head.append(el("h3", "", section.name), el("span", "tv-soft", section.score));
      list.append(...section.checks.map(check));
      return section.name ? [head, list] : [list];
    }),
  );
}
