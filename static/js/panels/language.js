// The language switch keeps the rest of the address.

export function wireLanguage() {
  for (const link of document.querySelectorAll("a[data-lang]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const query = new URLSearchParams(location.search);
      query.set("lang", link.dataset.lang);
      location.search = query.toString().replace(/%2C/g, ",").replace(/%2F/g, "/");
    });
  }
}
