// A table of rows that open something. A plain click stays in this page; the link in the first cell opens a new tab.
// A cell of kind 'link' opens something else: the click says its own id.
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
    const link = el(row.href ? "a" : "span", `tv-name-link${value.wraps ? " tv-wraps" : ""}`, value.text);
    if (row.href) link.href = row.href;
    if (value.title) link.title = value.title;
    td.append(link);
    if (value.flag) {
      td.append(sign("flag", "tv-flag", value.flag));
    }
  } else if (column.kind === "badge") {
    td.append(badge(value));
    if (value.waits) td.append(sign("hourglass", "tv-waits", value.waits));
  } else if (column.kind === "link") {
    const link = el("a", "tv-cell-link", value.text);
    link.href = value.href;
    link.dataset.id = value.id;
    td.append(link);
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

// What is picked is kept here while somebody picks: what comes back from the server may be older than the last click.
const picks = new WeakMap();
const pickedOf = (root, data) => {
  const known = picks.get(root);
  if (known && known.turn === data.pick.turn) return known.ids;
  const ids = new Set(data.pick.picked);
  picks.set(root, { turn: data.pick.turn, ids });
  return ids;
};
const box = (label, checked, changed) => {
  const input = el("input", "tv-pick-box");
  input.type = "checkbox";
  input.checked = checked;
  input.setAttribute("aria-label", label);
  input.onchange = () => changed(input.checked);
  return input;
};
const marked = (root, ids) => {
  const boxes = [...root.querySelectorAll("tbody .tv-pick-box")], all = root.querySelector("thead .tv-pick-box");
  for (const each of boxes) each.checked = ids.has(each.closest("tr").dataset.id);
  const number = boxes.filter((each) => each.checked).length;
  all.checked = number > 0 && number === boxes.length;
  all.indeterminate = number > 0 && number < boxes.length;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-table");
  const now = JSON.stringify({ ...data, pick: data.pick?.turn });  // by picking alone nothing is drawn anew
  const ids = data.pick && pickedOf(root, data), onPage = data.rows.map((row) => row.id);
  const pick = (some, on) => {
    for (const id of some) on ? ids.add(id) : ids.delete(id);
    marked(root, ids);
    setTriggerValue("clicked", `pick:${onPage.filter((id) => ids.has(id)).join()};${onPage.join()}`);
  };
  root.onclick = (event) => {
    if (event.target.closest(".tv-is-pick")) return;
    const row = event.target.closest("tbody tr");
    if (!row?.dataset.id || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
    event.preventDefault();
    setTriggerValue("clicked", event.target.closest(".tv-cell-link")?.dataset.id ?? row.dataset.id);
  };
  if (root.dataset.shown === now) return;
  root.dataset.shown = now;
  const focused = document.activeElement?.closest?.(".tv-table tr")?.dataset.id;
  const table = el("table"), head = el("tr"), body = el("tbody");
  table.setAttribute("aria-label", data.label);
  if (ids) {
    const th = el("th", "tv-is-pick");
    th.append(box("Select all on this page", false, (on) => pick(onPage, on)));
    head.append(th);
  }
  for (const column of data.columns) {
    const th = el("th", `tv-is-${column.kind}`, column.title);
    th.scope = "col";
    head.append(th);
  }
  for (const row of data.rows) {
    const tr = el("tr");
    if (row.href) tr.dataset.id = row.id;  // else there is nothing to open
    if (ids) {
      const td = el("td", "tv-is-pick");
      td.append(box(`Select ${row.cells[0].text}`, false, (on) => pick([row.id], on)));
      tr.append(td);
    }
    tr.append(...row.cells.map((value, i) => cell(value, data.columns[i], row)));
    body.append(tr);
  }
  const thead = el("thead");
  thead.append(head);
  table.append(thead, body);
  root.replaceChildren(table);
  if (ids) marked(root, ids);
  if (focused) [...body.children].find((tr) => tr.dataset.id === focused)?.querySelector("a")?.focus();
}
