// Runs in the page: what it shows, where its links lead, and what does not belong there.
(() => {
  const texts = [document.title];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) texts.push(walk.currentNode.data);
  const shown = ["title", "aria-label", "aria-description", "alt", "placeholder"];
  for (const element of document.querySelectorAll("*"))
    for (const name of shown) if (element.hasAttribute(name)) texts.push(element.getAttribute(name));
  const links = [...document.querySelectorAll("a[href], area[href], form[action]")]
    .map(({ href, action }) => String(href?.baseVal ?? href ?? action))
    .filter((address) => !address.startsWith(`${location.origin}/`));
  const foreign = [
    ...document.querySelectorAll("img, iframe, object, embed, script:not([src]), [onerror], [onclick]"),
  ].map(({ outerHTML }) => outerHTML.slice(0, 200));
  return { texts, links, foreign, attacked: "attacked" in globalThis };
})();
