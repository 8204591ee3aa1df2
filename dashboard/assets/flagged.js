// Why a call is flagged, beside its score.
export default function ({ data, parentElement }) {
  parentElement.querySelector(".tv-flagged").replaceChildren(note(data.note));
}
