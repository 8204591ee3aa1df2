// Two versions side by side. What differs is marked by a sign and by colour; all of it is text.
const said = (side) => {
  const box = el("div", "tv-side");
  if (!side) {
    box.append(el("span", "tv-soft", "Not in this version"));
    return box;
  }
  box.append(badge(side.badge));
  if (side.reason) box.append(el("p", "", side.reason));
  return box;
};

const row = (name, section, differs, sides) => {
  const box = el("div", `tv-compared${differs ? " tv-differs" : ""}`), head = el("div", "tv-compared-name");
  head.append(el("span", "", name));
  if (section) head.append(el("span", "tv-soft", section));
  if (differs) {
    const sign = badge({ label: "Differs", colour: "orange", icon: "difference" });
    head.append(sign);
  }
  box.append(head, ...sides);
  return box;
};

const words = ({ words: summary, pieces }) => {
  const box = el("div", "tv-words");
  box.append(el("h3", "", "Transcript"), el("p", "tv-soft", summary));
  if (!pieces.length) return box;
  const text = el("p", "tv-words-text");
  for (const { kind, text: some } of pieces) {
    const piece = el({ gone: "del", come: "ins", same: "span" }[kind], `tv-${kind}`, some);
    text.append(piece, " ");
  }
  box.append(text);
  return box;
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-compare"), table = el("div", "tv-comparison"), head = el("div", "tv-compared tv-compared-head");
  head.append(el("div", "tv-compared-name"), ...data.sides.map(({ title, words: made }) => {
    const side = el("div", "tv-side");
    side.append(el("b", "", title), el("span", "tv-soft", made));
    return side;
  }));
  table.append(head, ...data.rows.map(({ name, values, differs }) => row(name, "", differs, values.map((value) => el("div", "tv-side tv-value", value)))));
  const checks = el("div", "tv-comparison");
  checks.append(...data.checks.map(({ name, section, differs, sides }) => row(name, section, differs, sides.map(said))));
  root.replaceChildren(table, el("h3", "", "Checks"), el("p", "tv-soft", data.checks_words), ...(data.checks.length ? [checks] : []), words(data.transcript));
}
