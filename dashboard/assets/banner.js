// What concerns every page: a provider that is paused. Its words came from outside, and stay text.
export default function ({ data, parentElement }) {
  parentElement.querySelector(".tv-banner").replaceChildren(...data.notes.map(note));
}
