// A link that saves a file; the page stays.
export default function ({ data, parentElement }) {
  const link = el("a", "tv-download-link");
  link.href = data.href;
  link.download = "";
  link.append(icon("download"), el("span", "", data.label));
  parentElement.querySelector(".tv-download").replaceChildren(link);
}
