// A page that shows a list, or one thing of it by its address: its entry in the menu leads back to the list. Streamlit
// takes a click on the entry of the page that is open for a reason to run it once more, with the address as it is.
export default function ({ setTriggerValue }) {
  const clicked = (event) => {
    const link = event.target.closest?.("[data-testid=stSidebarNavLink]");
    if (!link || link.pathname !== location.pathname || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTriggerValue("clicked", "menu");
  };
  addEventListener("click", clicked, true);
  return () => removeEventListener("click", clicked, true);
}
