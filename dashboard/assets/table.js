// A table of rows that open something. A plain click stays in this page; the link in the first cell opens a new tab.
const sign = (name, className, words) => {
  const node = el("span", `tv-sign ${className}`);
  node.append(icon(name), el("span", "tv-sign-words", words));
  node.title = words;
  return node;
};
const cell = (value, column, row) => {
  const td = el("td", `tv-is-${column.kind}`);
  td.dataset.label = column.title;
  if (value === null || value === undefined) {
    td.append(el("span", "tv-soft", "–"));
  } else if (column.kind === "name") {
    const link = el(row.href ? "a" : "span", "tv-name-link", value.text);
    if (row.href) link.href = row.href;
    if (value.title) link.title = value.title;
    td.append(link);
    if (value.flag) {
      td.append(sign("flag", "tv-flag", value.flag));
    }
  } else if (column.kind === "badge") {
    td.append(badge(value));
    if (value.waits) td.append(sign("hourglass", "tv-waits", value.waits));
  } else if (column.kind === "bar" || column.kind === "progress") {
    const track = el("span", "tv-track"), fill = el("span", "tv-fill");
    fill.style.width = `${Math.max(0, Math.min(100, value.value))}%`;
    track.append(fill);
    td.append(track, el("span", "tv-number", value.text));
  } else {
    const span = el("span", "", value.text);
    if (value.title) span.title = value.title;
    td.append(span);
  }
  return td;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-table"), now = JSON.stringify(data);
  root.onclick = (event) => {
    const row = event.target.closest("tbody tr");
    if (!row?.dataset.id || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
    event.preventDefault();
    setTriggerValue("clicked", row.dataset.id);
  };
  if (root.dataset.shown === now) return;
  root.dataset.shown = now;
  const focused = document.activeElement?.closest?.(".tv-table tr")?.dataset.id;
  const table = el("table"), head = el("tr"), body = el("tbody");
  table.setAttribute("aria-label", data.label);
  for (const column of data.columns) {
    const th = el("th", `tv-is-${column.kind}`, column.title);
    th.scope = "col";
    head.append(th);
  }
  for (const row of data.rows) {
    const tr = el("tr");
    if (row.href) tr.dataset.id = row.id;  // else there is nothing to open
    tr.append(...row.cells.map((value, i) => cell(value, data.columns[i], row)));
    body.append(tr);
  }
  const thead = el("thead");
  thead.append(head);
  table.append(thead, body);
  root.replaceChildren(table);
  if (focused) [...body.children].find((tr) => tr.dataset.id === focused)?.querySelector("a")?.focus();
}
