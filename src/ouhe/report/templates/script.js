"use strict";
(() => {
  const words = document.body.dataset;
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });

  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent;
  };

  // Numbers by size, names as the language orders them, what is missing always last.
  const sorted = (rows, column, direction) => {
    const keyed = rows.map((row) => [value(row, column), row]);
    const numeric = keyed.every(([key]) => key === "" || !Number.isNaN(Number(key)));
    const compare = numeric ? (a, b) => Number(a) - Number(b) || 0 : order.compare;
    return keyed
      .sort(([a], [b]) => (a === "") - (b === "") || (a === "" ? 0 : direction * compare(a, b)))
      .map(([, row]) => row);
  };

  const sortable = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const heads = [...table.querySelectorAll("th[data-column]")];
    if (rows.length < 2) return;
    for (const head of heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.title = words.sort;
      button.append(...head.childNodes);
      head.append(button);
      // rising, falling, as printed
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: null }[head.ariaSort ?? ""];
        const now = next === undefined ? "ascending" : next;
        for (const other of heads) other.ariaSort = null;
        head.ariaSort = now;
        table.classList.toggle("sorted", now !== null);
        const column = Number(head.dataset.column);
        body.append(...(now === null ? rows : sorted(rows, column, now === "ascending" ? 1 : -1)));
      });
    }
  };

  // A spreadsheet that takes the table in must not take a name for a formula.
  const plain = (cell) => {
    const shown = cell.textContent.replace(/\s+/g, " ");
    const number = cell.dataset.value !== undefined && !Number.isNaN(Number(cell.dataset.value));
    return /^[\s'"]*[=+\-@＝＋－＠]/.test(shown) && !(number && cell.dataset.value !== "") && shown.length > 1
      ? `'${shown}` : shown;
  };

  const rowsOf = (table) => {
    const lines = [];
    for (const row of table.rows) {
      const line = lines[row.rowIndex] ??= [];
      let at = 0;
      for (const cell of row.cells) {
        while (line[at] !== undefined) at += 1;
        line[at] = plain(cell);
        for (let i = 1; i < cell.colSpan; i += 1) line[at + i] = "";
        for (let i = 1; i < cell.rowSpan; i += 1) (lines[row.rowIndex + i] ??= [])[at] = "";
      }
    }
    return lines;
  };

  const copyable = (figure) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words.copy;
    button.setAttribute("aria-live", "polite");
    const lines = () => rowsOf(figure.querySelector("table")).map((line) => line.join("\t")).join("\n");
    button.addEventListener("click", () => {
      const fill = (event) => {
        event.clipboardData.setData("text/plain", lines());
        event.preventDefault();
      };
      document.addEventListener("copy", fill, { once: true });
      const done = document.execCommand("copy");
      document.removeEventListener("copy", fill);
      if (!done) return;
      button.textContent = words.copied;
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    });
    figure.querySelector("figcaption").after(button);
  };

  // A box that scrolls must be reached by the keyboard; one that does not must not stand in its way.
  const reachable = (box) => {
    const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
    if (scrolls) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-labelledby", box.parentElement.querySelector("figcaption").id);
    } else {
      for (const name of ["tabindex", "role", "aria-labelledby"]) box.removeAttribute(name);
    }
  };

  document.querySelectorAll("main table").forEach(sortable);
  document.querySelectorAll("figure.table").forEach(copyable);
  const boxes = [...document.querySelectorAll(".box")];
  boxes.forEach(reachable);
  addEventListener("resize", () => boxes.forEach(reachable));

  const contents = document.querySelector("nav details");
  if (!contents) return;
  const wide = matchMedia("(min-width: 68rem)");
  const unfold = () => { contents.open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) contents.open = false;
  });

  // The section being read is marked in the contents.
  const links = new Map([...contents.querySelectorAll("a")].map((a) => [a.hash.slice(1), a]));
  const headings = [...links.keys()].map((id) => document.getElementById(id));
  const mark = () => {
    const passed = headings.filter((h) => h.getBoundingClientRect().top < innerHeight / 4);
    const here = links.get((passed.at(-1) ?? headings[0]).id);
    for (const link of links.values()) {
      if (link === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
})();
