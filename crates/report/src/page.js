"use strict";
// Fills the list of sentences, a window at a time, and turns the map of the mask. Text is set as text and never read as markup.
(() => {
  const WINDOW = 50;
  const NAMES = ["right", "alone", "borders", "label"];
  const at = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // A name or a number behind words: neither turns the direction of the other.
  const note = (tag, text, direction) => {
    const inside = make("bdi", "", text);
    inside.dir = direction;
    const element = make(tag);
    element.append(inside);
    return element;
  };
  const noted = (element, name, score) => {
    element.append(note("b", name, "auto"));
    if (score !== null && score !== undefined) element.append(note("i", score.toFixed(2).replace(/^0/, ""), "ltr"));
  };

  // Maps of masks: the mean of all choices, or one of them.
  for (const input of document.querySelectorAll(".control input")) {
    const steps = input.dataset.steps.split(" ");
    const shares = input.dataset.shares.split(";").map((line) => line.split(" ").map(Number));
    const map = input.closest(".map");
    const cells = map.querySelectorAll(".cell");
    const numbers = map.querySelectorAll(".number");
    const output = map.querySelector("output");
    input.addEventListener("input", () => {
      const choice = Number(input.value);
      const now = shares[choice];
      const largest = Math.max(...now);
      now.forEach((share, cell) => {
        cells[cell].setAttribute("fill-opacity", largest > 0 ? (0.6 * Math.sqrt(share / largest)).toFixed(3) : "0");
        numbers[cell].textContent = share < 50 ? "" : (share / 1000).toFixed(1);
      });
      output.textContent = choice === 0 ? "mean of all choices" : `choice ${choice} of ${steps.length}, before step ${Number(steps[choice - 1]) + 1}`;
    });
  }

  const source = at("data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const runs = data.runs.length;

  // What each sentence is found by: its words, labels and id in small letters; its errors, run by run.
  for (const one of data.all) {
    const spans = [...one.g, ...one.p.flat()];
    const items = [...(one.gi || []), ...(one.pi || []).flat()];
    one.labels = new Set([...spans, ...items].map((part) => part[0]));
    one.text = [one.w.join(" "), one.id, ...items.map((item) => item[1]), ...[...one.labels].map((label) => data.labels[label])].join("\n").toLowerCase();
    one.score = Math.min(1, ...one.p.flat().map((span) => span[3] ?? 1), ...(one.pi || []).flat().map((item) => item[2] ?? 1));
    one.faults = data.runs.map((_, run) => {
      const gold = [...one.g.map((span) => [span[0], ...span[3][run]]), ...(one.gi || []).map((item) => [item[0], ...item[2][run]])];
      const found = [...(one.p[run] || []).map((span) => [span[0], ...span[4]]), ...((one.pi || [])[run] || []).map((item) => [item[0], ...item[3]])];
      return {
        gold,
        found,
        missed: gold.some((part) => part[1] === 1),
        spurious: found.some((part) => part[1] === 1),
        borders: gold.some((part) => part[1] === 2),
        label: gold.some((part) => part[1] === 3),
        count: gold.filter((part) => part[1] !== 0).length + found.filter((part) => part[1] === 1).length,
      };
    });
  }

  const right = (one, run) => one.faults[run].count === 0;
  const any = (one, test) => one.faults.some(test);
  const KINDS = {
    all: () => true,
    wrong: (one) => any(one, (of) => of.count > 0),
    missed: (one) => any(one, (of) => of.missed),
    spurious: (one) => any(one, (of) => of.spurious),
    borders: (one) => any(one, (of) => of.borders),
    label: (one) => any(one, (of) => of.label),
    right: (one) => one.faults.every((of) => of.count === 0),
    differ: (one) => JSON.stringify(one.p[0].map((s) => s.slice(0, 3))) !== JSON.stringify(one.p[1].map((s) => s.slice(0, 3)))
      || JSON.stringify(((one.pi || [])[0] || []).map((i) => i.slice(0, 2))) !== JSON.stringify(((one.pi || [])[1] || []).map((i) => i.slice(0, 2))),
    first: (one) => right(one, 0) && !right(one, 1),
    second: (one) => !right(one, 0) && right(one, 1),
    neither: (one) => !right(one, 0) && !right(one, 1),
  };
  const ORDERS = {
    file: null,
    errors: (a, b) => b.faults.reduce((sum, of) => sum + of.count, 0) - a.faults.reduce((sum, of) => sum + of.count, 0),
    score: (a, b) => a.score - b.score,
  };

  const [find, kind, label, order, list, count, page] = ["find", "kind", "label", "order", "list", "count", "page"].map(at);
  data.labels.forEach((name, index) => {
    const option = make("option", "", name);
    option.value = index;
    label.append(option);
  });
  let pair = null;
  let chosen = [];
  let first = 0;

  // A pair of a matrix: what is annotated, what was found, and how they differ.
  const isPair = (one) => {
    const { gold, found, how } = pair;
    const of = one.faults[0];
    if (how === "missed") return of.gold.some((part) => part[0] === gold && part[1] === 1);
    if (how === "borders") return of.gold.some((part) => part[0] === gold && part[1] === 2);
    if (how === "spurious") return of.found.some((part) => part[0] === found && part[1] === 1);
    return of.gold.some((part) => part[0] === gold && part[1] !== 2 && part[2] === found);
  };

  const choose = () => {
    const needle = find.value.trim().toLowerCase();
    const wanted = label.value === "" ? null : Number(label.value);
    const isKind = KINDS[kind.value];
    chosen = data.all.filter((one) => (pair ? isPair(one) : isKind(one))
      && (wanted === null || one.labels.has(wanted)) && (needle === "" || one.text.includes(needle)));
    if (ORDERS[order.value]) chosen.sort(ORDERS[order.value]);
    first = 0;
    show();
  };

  // Words with spans around them; a span that crosses one that is open follows behind the words.
  const said = (words, parts) => {
    const box = make("div", "said");
    box.dir = "auto";
    const open = [{ element: box, end: Infinity }];
    const crossing = [];
    let next = 0;
    const close = (word) => {
      while (open[open.length - 1].end <= word) {
        const { element, name, score } = open.pop();
        noted(element, name, score);
      }
    };
    words.forEach((word, index) => {
      close(index);
      if (index > 0) open[open.length - 1].element.append(" ");
      for (; next < parts.length && parts[next].start === index; next += 1) {
        const part = parts[next];
        if (part.end > open[open.length - 1].end) {
          crossing.push(part);
          continue;
        }
        const element = make("mark", `s ${part.className}`);
        element.title = part.title;
        open[open.length - 1].element.append(element);
        open.push({ element, end: part.end, name: part.name, score: part.score });
      }
      open[open.length - 1].element.append(word);
    });
    close(words.length);
    for (const part of crossing) {
      const element = make("mark", `s ${part.className}`, words.slice(part.start, part.end).join(" "));
      element.title = part.title;
      noted(element, part.name, null);
      box.append(" ", element);
    }
    return box;
  };

  const SIGNS = { right: "", missed: "− ", spurious: "+ ", borders: "↔ ", label: "≠ " };
  const part = (span, verdict, side, score) => {
    const className = verdict[0] === 1 ? (side === "gold" ? "missed" : "spurious") : NAMES[verdict[0]];
    const other = verdict[0] === 3 && verdict[1] !== null ? ` (${side === "gold" ? "found" : "annotated"} as ${data.labels[verdict[1]]})` : "";
    const words = { right: "right", missed: "missed", spurious: "not annotated", borders: "other borders", label: "another label" }[className];
    const sure = score === null || score === undefined ? "" : `, score ${score.toFixed(3)}`;
    return { start: span[1], end: span[2], className, name: SIGNS[className] + data.labels[span[0]], title: `${data.labels[span[0]]}: ${words}${other}${sure}`, score };
  };

  const row = (who, words, parts, items) => {
    const element = make("div", "row");
    const name = make("span", "who", who);
    name.title = who;
    element.append(name);
    const box = said(words, parts);
    for (const item of items) {
      const chip = make("span", "item");
      const inner = make("mark", `s ${item.className}`);
      // An arrow points to the right, whichever way the words at its ends are written.
      const parts = item.text.split(/( → | = )/);
      if (parts.length > 1) chip.dir = "ltr";
      inner.append(...parts.map((part, at) => (at % 2 === 1 ? part : make("bdi", "", part))));
      inner.title = item.title;
      noted(inner, item.name, item.score);
      chip.append(inner);
      box.append(" ", chip);
    }
    element.append(box);
    return element;
  };

  const given = (one) => one.t.map((span) => ({ start: span[1], end: span[2], className: "given", name: data.labels[span[0]], title: data.labels[span[0]] }));
  const inOrder = (parts) => parts.sort((a, b) => a.start - b.start || b.end - a.end);
  const draw = (one) => {
    one.t = one.t || [];
    const element = make("article", "sentence");
    if (one.id !== "") element.append(make("p", "no", one.id));
    const clean = one.faults.every((of) => of.count === 0);
    // The verdict on what is annotated is that of the first run; of several runs each has its own below.
    const verdict = (of) => (runs === 1 ? of[0] : of.every((v) => v[0] === 0) ? of[0] : of.find((v) => v[0] !== 0));
    if (!clean) {
      const spans = one.g.map((span) => part(span, verdict(span[3]), "gold", null));
      const items = (one.gi || []).map((item) => ({ ...part([item[0]], verdict(item[2]), "gold", null), text: item[1] }));
      element.append(row("gold", one.w, inOrder([...given(one), ...spans]), items));
    }
    const shown = clean ? 1 : runs;
    for (let run = 0; run < shown; run += 1) {
      const spans = (one.p[run] || []).map((span) => part(span, span[4], "found", span[3]));
      const items = ((one.pi || [])[run] || []).map((item) => ({ ...part([item[0]], item[3], "found", item[2]), text: item[1] }));
      const who = clean ? "right" : runs === 1 ? "predicted" : `${"AB"[run]} ${data.runs[run]}`;
      element.append(row(who, one.w, inOrder([...given(one), ...spans]), items));
    }
    return element;
  };

  const show = () => {
    const part = chosen.slice(first, first + WINDOW);
    list.replaceChildren(...(part.length > 0 ? part.map(draw) : [make("p", "none", "No sentence is like that.")]));
    const of = pair ? ", as chosen in the matrix" : "";
    const sentences = data.all.length === 1 ? "sentence" : "sentences";
    count.textContent = `${chosen.length.toLocaleString("en")} of ${data.all.length.toLocaleString("en")} ${sentences}${of}`;
    const pages = Math.max(1, Math.ceil(chosen.length / WINDOW));
    page.textContent = `${Math.floor(first / WINDOW) + 1} of ${pages.toLocaleString("en")}`;
    at("first").disabled = at("previous").disabled = first === 0;
    at("next").disabled = at("last").disabled = first + WINDOW >= chosen.length;
  };
  const move = (to) => {
    first = Math.max(0, Math.min(to, Math.floor(Math.max(0, chosen.length - 1) / WINDOW) * WINDOW));
    show();
    at("sentences").scrollIntoView();
  };
  at("first").addEventListener("click", () => move(0));
  at("previous").addEventListener("click", () => move(first - WINDOW));
  at("next").addEventListener("click", () => move(first + WINDOW));
  at("last").addEventListener("click", () => move(Infinity));
  let waiting = 0;
  find.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(choose, 120);
  });
  const unpaired = () => {
    pair = null;
    choose();
  };
  for (const input of [kind, label, order]) input.addEventListener("change", input === kind ? unpaired : choose);
  at("clear").addEventListener("click", () => {
    find.value = "";
    label.value = "";
    kind.value = "all";
    order.value = "file";
    unpaired();
  });
  const numbers = new Map(data.labels.map((name, index) => [name, index]));
  for (const button of document.querySelectorAll("button[data-kind], button[data-filter]")) {
    button.addEventListener("click", () => {
      find.value = "";
      label.value = "";
      if (button.dataset.filter) {
        kind.value = button.dataset.filter;
        pair = null;
      } else {
        pair = { gold: numbers.get(button.dataset.gold), found: numbers.get(button.dataset.found), how: button.dataset.kind };
      }
      choose();
      at("sentences").scrollIntoView();
      find.focus({ preventScroll: true });
    });
  }
  choose();
})();
