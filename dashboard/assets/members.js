// People in rows, each with a button where there is something to do.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-members"), list = el("ul");
  list.setAttribute("aria-label", data.label);
  for (const row of data.rows) {
    const item = el("li"), who = el("div", "tv-member"), side = el("div", "tv-member-side");
    who.append(el("span", "tv-member-name", row.name), el("span", "tv-soft", row.email));
    if (row.badge) side.append(badge(row.badge));
    side.append(el("span", "tv-soft", row.role));
    if (data.button) {
      const button = el("button", "tv-member-act", data.button);
      button.type = "button";
      button.setAttribute("aria-label", `${data.button} ${row.name}`);
      button.onclick = () => { button.disabled = true; setTriggerValue("clicked", row.id); };
      side.append(button);
    }
    item.append(who, side);
    list.append(item);
  }
  root.replaceChildren(list);
}
