// <textarea data-paste-grid>: what was copied from Excel is shown as a table before it is sent.
(() => {
  const english = document.documentElement.lang === "en";

  // Tab-separated cells; a quoted cell may hold tabs, line ends and doubled quotes, as Excel copies them.
  function cells(text) {
    const rows = [[]];
    let cell = "", quoted = false, started = false;
    const endCell = () => { rows.at(-1).push(cell); cell = ""; started = false; };
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (quoted) {
        if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; } else if (c === '"') quoted = false; else cell += c;
      } else if (c === '"' && !started) { quoted = started = true; }
      else if (c === "\t") endCell();
      else if (c === "\n") { endCell(); rows.push([]); }
      else if (c !== "\r") { cell += c; started = true; }
    }
    endCell();
    return rows.filter((row) => row.some((each) => each.trim() !== ""));
  }

  function element(name, parent, text) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  }

  function show(area, preview) {
    const rows = cells(area.value);
    preview.replaceChildren();
    if (!rows.length) return;
    const width = Math.max(...rows.map((row) => row.length));
    const ragged = rows.findIndex((row) => row.length !== rows[0].length) + 1;
    const count = element("p", preview, english
      ? `Preview: ${rows.length - 1} rows, ${width} columns${ragged ? `; row ${ragged} has another number of columns` : ""}`
      : `预览：${rows.length - 1} 行 ${width} 列${ragged ? `；第 ${ragged} 行列数与表头不同，请检查` : ""}`);
    count.className = "paste-count";
    const region = element("div", preview);
    region.className = "table-region";
    region.tabIndex = 0;
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", english ? "Preview of what was pasted" : "粘贴内容预览");
    const table = element("table", region);
    table.className = "table table-sm";
    const head = element("tr", element("thead", table));
    for (const title of rows[0]) element("th", head, title).scope = "col";
    const body = element("tbody", table);
    for (const row of rows.slice(1, 201)) {
      const line = element("tr", body);
      for (let i = 0; i < width; i++) element("td", line, row[i] ?? "");
    }
    if (rows.length > 201) {
      element("p", preview, english ? "The first 200 rows are shown." : "仅显示前 200 行。").className = "paste-count";
    }
  }

  for (const area of document.querySelectorAll("textarea[data-paste-grid]")) {
    const preview = document.createElement("div");
    preview.className = "paste-preview";
    preview.setAttribute("aria-live", "polite");
    area.after(preview);
    area.addEventListener("input", () => show(area, preview));
    show(area, preview);
  }
})();
