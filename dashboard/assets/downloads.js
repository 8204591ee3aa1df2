// What can be saved of a call. The links save and do not lead away.
export default function ({ data, parentElement }) {
  const list = el("ul");
  for (const { label, icon: name, href, name: saved } of data.links) {
    const item = el("li"), link = el("a", "tv-save");
    link.href = href;
    link.download = saved;
    link.append(icon(name), el("span", "", label));
    item.append(link);
    list.append(item);
  }
  parentElement.querySelector(".tv-downloads").replaceChildren(list);
}
