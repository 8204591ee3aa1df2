// A page's heading: a name that came from outside, badges, facts, and what must be said at once.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-heading");
  const badges = el("div", "tv-badges"), facts = el("p", "tv-line-of-facts tv-soft");
  badges.append(...data.badges.map(badge));
  facts.textContent = data.facts.join(" · ");
  const notes = data.notes.map((note) => {
    const box = el("div", `tv-note tv-note-${note.colour}`), words = el("div");
    box.setAttribute("role", note.colour === "red" ? "alert" : "note");
    words.append(el("b", "", note.title), ...note.lines.map((line) => el("p", "", line)));
    box.append(icon(note.icon), words);
    return box;
  });
  root.replaceChildren(el("h1", "", data.title), badges, facts, ...notes);
}
