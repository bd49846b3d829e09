// What a reader with a keyboard or weak eyes meets, written into the attribute data-audit of the page.
(() => {
  const problems = [];
  const rgba = (text) => {
    const found = text.match(/[\d.]+/g) || [0, 0, 0, 0];
    const [r, g, b, a = 1] = found.map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => {
    const mix = (a, b) => a * top.a + b * (1 - top.a);
    return { r: mix(top.r, below.r), g: mix(top.g, below.g), b: mix(top.b, below.b), a: 1 };
  };
  // What lies behind an element, down to the page.
  const behind = (element) => {
    if (!element) return rgba(getComputedStyle(document.body).backgroundColor);
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own.a === 1 ? own : over(own, behind(element.parentElement));
  };
  // Relative luminance and contrast as WCAG 2.2 defines them.
  const luminance = ({ r, g, b }) => {
    const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const isShown = (element) => element.checkVisibility() && element.getClientRects().length > 0;
  let texts = 0;
  for (const element of document.querySelectorAll("body *:not(script):not(svg *)")) {
    if (!hasText(element) || !isShown(element)) continue;
    texts += 1;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const background = behind(element);
    const ratio = contrast(over(rgba(style.color), background), background);
    if (ratio < (isLarge ? 3 : 4.5)) {
      problems.push(`contrast ${ratio.toFixed(2)} of ${element.tagName}.${element.className}: ${element.textContent.trim().slice(0, 30)}`);
    }
  }
  let controls = 0;
  for (const element of document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")) {
    if (!isShown(element) || element.disabled) continue;
    controls += 1;
    element.focus();
    const what = `${element.tagName}.${element.className}`;
    if (document.activeElement !== element) problems.push(`no focus for ${what}`);
    else if (getComputedStyle(element).outlineStyle === "none") problems.push(`focus is not seen on ${what}`);
    const label = element.labels && element.labels.length ? element.labels[0].textContent : "";
    const name = element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || element.textContent || label;
    if (!name.trim()) problems.push(`no name for ${what}`);
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth + 1) problems.push(`the page is ${scrollWidth} wide in a window of ${clientWidth}`);
  document.activeElement.blur();
  scrollTo(0, 0);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.audit = JSON.stringify({ texts, controls, dark, width: clientWidth, problems }).replaceAll('"', "'");
})();
