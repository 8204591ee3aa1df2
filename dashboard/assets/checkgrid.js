// A campaign's checks in rows: read by everybody, edited in place by those who may. What was done is told as a list of
// numbered events until the server has dealt with it, so that a second act, quick after the first, loses nothing.
const tell = (root, event) => {
  const state = root.tv;
  state.queue.push({ n: (state.n += 1), ...event });
  send(root);
};
const send = (root) => root.tv.trigger("clicked", JSON.stringify({ from: root.tv.from, events: root.tv.queue }));

const tool = (root, row, act, symbol, words, event = {}) => {
  const button = el("button", "tv-tool");
  button.type = "button";
  button.title = words;
  button.setAttribute("aria-label", `${words}: ${row.name}`);
  button.dataset.part = `${act}${event.by || ""}`;
  button.append(icon(symbol));
  button.onclick = () => tell(root, { act, row: row.key, ...event });
  return button;
};
const input = (root, row, field, label, wrong) => {
  const box = el("input", `tv-input tv-input-${field}`);
  box.type = "text";
  box.value = box.defaultValue = row[field];
  box.dataset.part = field;
  box.autocomplete = "off";
  box.setAttribute("aria-label", `${label}: ${row.name}`);
  if (wrong) box.setAttribute("aria-invalid", "true");
  if (field === "weight") box.inputMode = "decimal";
  if (field === "section") box.setAttribute("list", root.tv.list);
  box.onchange = () => tell(root, { act: "set", row: row.key, field, value: box.value });
  box.onkeydown = (event) => {
    if (event.key === "Enter") box.blur();
    if (event.key === "Escape") box.value = box.defaultValue;
  };
  return box;
};
const tick = (root, row, field, label) => {
  const box = el("input", "tv-tick");
  box.type = "checkbox";
  box.checked = row[field];
  box.dataset.part = field;
  box.setAttribute("aria-label", `${label}: ${row.name}`);
  box.onchange = () => tell(root, { act: "set", row: row.key, field, value: box.checked });
  return box;
};
const yes = (value, badged) => (badged ? badge(badged) : el("span", value ? "" : "tv-soft", value ? "Yes" : "–"));
const cell = (name, label, ...parts) => {
  const td = el("td", `tv-of-${name}`);
  if (label) td.dataset.label = label;
  td.append(...parts);
  return td;
};

const movable = (root, tr, row) => {
  const handle = el("span", "tv-handle");
  handle.title = "Drag to another place";
  handle.append(icon("drag_indicator"));
  handle.onpointerdown = () => (tr.draggable = true);
  handle.onpointerup = () => (tr.draggable = false);
  tr.ondragstart = (event) => {
    root.tv.dragged = row.key;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.name);
    tr.classList.add("tv-dragged");
  };
  tr.ondragend = () => {
    tr.draggable = false;
    root.tv.dragged = null;
    root.querySelectorAll("tr").forEach((each) => each.classList.remove("tv-dragged", "tv-above", "tv-below"));
  };
  const below = (event) => event.clientY > tr.getBoundingClientRect().top + tr.offsetHeight / 2;
  tr.ondragover = (event) => {
    if (!root.tv.dragged) return;
    event.preventDefault();
    tr.classList.toggle("tv-below", below(event));
    tr.classList.toggle("tv-above", !below(event));
  };
  tr.ondragleave = () => tr.classList.remove("tv-above", "tv-below");
  tr.ondrop = (event) => {
    event.preventDefault();
    if (root.tv.dragged && root.tv.dragged !== row.key)
      tell(root, { act: "place", row: root.tv.dragged, beside: row.key, below: below(event) });
  };
  tr.onkeydown = (event) => {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    tell(root, { act: "move", row: row.key, by: event.key === "ArrowUp" ? -1 : 1 });
  };
  return handle;
};

const rule = (root, row, edit) => {
  const words = el(edit ? "button" : "p", "tv-rule", row.rule);
  if (edit) {
    words.type = "button";
    words.title = "Edit the rule, or try it on a call";
    words.dataset.part = "rule";
    words.onclick = () => tell(root, { act: "edit", row: row.key });
  }
  return words;
};

const line = (root, row, place, data) => {
  const tr = el("tr", row.active ? "" : "tv-off"), edit = data.editable;
  tr.dataset.key = row.key;
  if (edit) {
    const up = tool(root, row, "move", "arrow_upward", "Move up", { by: -1 });
    const down = tool(root, row, "move", "arrow_downward", "Move down", { by: 1 });
    up.disabled = place === 0;
    down.disabled = place === data.rows.length - 1;
    tr.append(cell("order", "", movable(root, tr, row), up, down));
  }
  const name = edit ? input(root, row, "name", "Name", row.wrong.name) : el("b", "", row.name);
  const what = cell("check", "", name, rule(root, row, edit));
  for (const said of Object.values(row.wrong)) {
    const error = el("p", "tv-wrong", said);
    error.setAttribute("role", "alert");
    what.append(error);
  }
  const soft = (text) => el("span", text ? "" : "tv-soft", text || "–");
  tr.append(
    what,
    cell("section", "Section", edit ? input(root, row, "section", "Section", row.wrong.section) : soft(row.section)),
    cell("kind", "", badge(row.kind)),
    cell("weight", "Weight", edit ? input(root, row, "weight", "Weight", row.wrong.weight) : soft(row.weight)),
    cell("share", "Share", soft(row.share)),
    cell("critical", "Critical", edit ? tick(root, row, "critical", "Critical") : yes(row.critical, row.critical && data.critical)),
    cell("active", "Active", edit ? tick(root, row, "active", "Active") : yes(row.active)),
  );
  if (edit)
    tr.append(
      cell(
        "tools",
        "",
        tool(root, row, "edit", "edit", "Edit"),
        tool(root, row, "copy", "content_copy", "Duplicate"),
        tool(root, row, "remove", "delete", "Remove"),
      ),
    );
  return tr;
};

const heading = (data) => {
  const tr = el("tr"), edit = data.editable;
  const titles = [["check", "Check"], ["section", "Section"], ["kind", "Kind"], ["weight", "Weight"], ["share", "Share"]];
  titles.push(["critical", "Critical"], ["active", "Active"]);
  if (edit) titles.unshift(["order", "Order"]), titles.push(["tools", "Actions"]);
  for (const [name, title] of titles) {
    const th = el("th", `tv-of-${name}`, title);
    th.scope = "col";
    if (data.help[name]) th.title = data.help[name];
    tr.append(th);
  }
  return tr;
};

const draw = (root, data) => {
  const at = document.activeElement, was = root.contains(at) ? at : null;
  const held = was && { key: was.closest("tr")?.dataset.key, part: was.dataset.part, value: was.value };
  const dirty = was && was.type === "text" && was.value !== was.defaultValue ? [was.selectionStart, was.selectionEnd] : null;
  const table = el("table", data.editable ? "tv-edited" : ""), head = el("thead"), body = el("tbody"), sections = el("datalist");
  table.setAttribute("aria-label", data.label);
  sections.id = root.tv.list;
  sections.append(...data.sections.map((name) => Object.assign(el("option"), { value: name })));
  head.append(heading(data));
  body.append(...data.rows.map((row, place) => line(root, row, place, data)));
  table.append(head, body);
  root.replaceChildren(table, sections);
  if (!held) return;
  const again = [...body.children].find((tr) => tr.dataset.key === held.key)?.querySelector(`[data-part="${held.part}"]`);
  if (!again) return;
  if (dirty) again.value = held.value;
  again.focus();
  if (dirty) again.setSelectionRange(...dirty);
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tv-checkgrid"), now = JSON.stringify(data);
  const from = Math.random().toString(36).slice(2);
  root.tv = { from, n: 0, queue: [], list: `tv-sections-${from}`, ...root.tv, trigger: setTriggerValue };
  const state = root.tv;
  if (data.heard.from === state.from) state.queue = state.queue.filter((event) => event.n > data.heard.n);
  clearTimeout(state.timer);
  if (state.queue.length) state.timer = setTimeout(() => state.queue.length && send(root), 800);
  if (root.dataset.shown === now) return;
  root.dataset.shown = now;
  draw(root, data);
}
