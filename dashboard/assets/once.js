// What is shown once and copied: a link or a key. Where the page may not use the clipboard, it is selected for the keyboard.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tv-once");
  if (root.dataset.shown === data.value) return;
  root.dataset.shown = data.value;
  const field = el("input", "tv-once-value"), button = el("button", "tv-once-copy"), words = el("span", "", "Copy");
  field.value = data.value;
  field.readOnly = true;
  field.setAttribute("aria-label", data.label);
  field.onfocus = () => field.select();
  button.type = "button";
  button.append(icon("content_copy"), words);
  words.setAttribute("aria-live", "polite");
  button.onclick = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(data.value);
      words.textContent = "Copied";
    } catch {
      words.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
    }
    setTimeout(() => { words.textContent = "Copy"; }, 3000);
  };
  const line = el("div", "tv-once-line");
  line.append(field, button);
  root.replaceChildren(el("b", "", data.title), line, el("p", "tv-soft", data.words));
}
