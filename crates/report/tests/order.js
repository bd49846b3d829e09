// Where the parts of marks stand, by the direction that each is written in, and whether names above the matrix that are cut show it: what is wrong is
// told in the attribute data-order of the page.
(() => {
  const problems = [];
  const box = (node, from, to) => {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    return range.getBoundingClientRect();
  };
  const text = (element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    return walker.nextNode();
  };
  let marks = 0;
  for (const mark of document.querySelectorAll("#list mark")) {
    const [name, score] = [mark.querySelector("b"), mark.querySelector("i")];
    const words = text(mark);
    if (words.parentElement.closest("b")) continue;
    marks += 1;
    const isLeft = getComputedStyle(mark.closest("[dir]")).direction === "ltr";
    const tell = (what) => problems.push(`${what} in ${mark.textContent}`);
    // Words, name and score follow each other with a gap, in the direction of the sentence.
    const parts = [box(words, 0, words.length), box(text(name), 0, text(name).length)];
    if (score) {
      const number = text(score);
      parts.push(box(number, 0, number.length));
      // Numbers are written from left to right in every script.
      if (box(number, 0, 1).left >= box(number, 1, 2).left) tell("the point is behind the digits");
    }
    for (let at = 1; at < parts.length; at += 1) {
      const gap = isLeft ? parts[at].left - parts[at - 1].right : parts[at - 1].left - parts[at].right;
      if (gap < 1) tell(`part ${at} is ${gap.toFixed(1)} px behind`);
    }
    const ends = mark.querySelectorAll(":scope > bdi");
    if (ends.length > 1 && ends[0].getBoundingClientRect().right > ends[1].getBoundingClientRect().left) tell("the arrow points back");
  }
  for (const cell of document.querySelectorAll(".turned")) {
    const name = cell.querySelector("bdi") || cell;
    const [inside, outside] = [name.getBoundingClientRect(), cell.getBoundingClientRect()];
    if (inside.top < outside.top || inside.bottom > outside.bottom) problems.push(`${name.textContent} runs out of its cell`);
    const isCut = name.scrollHeight > name.clientHeight + 1;
    if (isCut && (getComputedStyle(name).textOverflow !== "ellipsis" || name.title !== name.textContent)) problems.push(`${name.textContent} is cut without a mark`);
  }
  document.documentElement.dataset.order = `${marks} marks; ${problems.join("; ").replaceAll('"', "'")}`;
})();
