// Lists the texts that do not stand out enough from what is behind them (WCAG AA), for a test to find none.
const rgba = (colour) => {
  const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
  return [r, g, b, a];
};
const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const behind = (element) => {
  if (!element) return [255, 255, 255, 1];
  const colour = rgba(getComputedStyle(element).backgroundColor);
  return colour[3] === 1 ? colour : over(colour, behind(element.parentElement));
};
const ratio = (element) => {
  const back = behind(element);
  const [one, other] = [light(over(rgba(getComputedStyle(element).color), back)), light(back)].sort((x, y) => y - x);
  return (one + 0.05) / (other + 0.05);
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const poor = new Set();
for (let node = texts.nextNode(); node; node = texts.nextNode()) {
  const element = node.parentElement;
  const seen = node.textContent.trim() && element.getClientRects().length && !element.closest(":disabled, option, noscript");
  if (seen && ratio(element) < 4.5) poor.add(`${element.tagName}.${element.className} « ${node.textContent.trim()} » ${ratio(element).toFixed(2)}`);
}
return [...poor];
