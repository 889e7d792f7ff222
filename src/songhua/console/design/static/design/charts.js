// Draws every <figure data-chart> from the JSON beside it; its shape stands in design/charts.py.
(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const english = document.documentElement.lang === "en";
  const drawn = new Map();

  const shown = (chart) => (value) => value === null || value === undefined || value === "-" ? "—"
    : Number(value).toLocaleString("en", { maximumFractionDigits: chart.places ?? 2 }) + (chart.unit === "%" ? "%" : "");

  // An svg fill cannot be read from color-mix by every export, so bands mix their colour by hand.
  function translucent(colour, alpha) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return `rgba(${r},${g},${b},${alpha})`;
  }

  function band(series, colour, index) {
    const stack = `band-${index}`;
    const quiet = { type: "line", stack, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false },
      stackStrategy: "all", z: 1 };
    const width = series.band.high.map((high, i) => high === null ? null : high - series.band.low[i]);
    return [
      { ...quiet, name: `${series.band.name} `, data: series.band.low },
      { ...quiet, name: series.band.name, data: width, itemStyle: { color: translucent(colour, .35) },
        areaStyle: { color: translucent(colour, .18), decal: { symbol: "none" } } },
    ];
  }

  // Each light has its own hatching too, so that a stack can be read without its colours.
  function hatching(light) {
    const line = { symbol: "rect", color: translucent(token("mark"), .45), dashArrayX: [1, 0] };
    return { yellow: { ...line, dashArrayY: [2, 6], rotation: -Math.PI / 4 }, red: { ...line, dashArrayY: [2, 3], rotation: Math.PI / 4 },
      blue: { ...line, symbol: "circle", symbolSize: .9, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0] },
      grey: { ...line, dashArrayY: [1.5, 5], rotation: Math.PI / 2 } }[light];
  }

  // How many lines the legend takes in this width: Chinese letters are as wide as they are high.
  function legendRows(legend, width) {
    let rows = 1, used = 0;
    for (const { name } of legend) {
      const need = 41 + [...name].reduce((sum, letter) => sum + (letter > "\u2000" ? 12 : 7), 0);
      if (used && used + need > width) { rows++; used = 0; }
      used += need;
    }
    return legend.length > 1 ? rows : 0;
  }

  function cartesian(chart, width) {
    const ink = token("ink-soft"), line = token("line"), strong = token("line-strong");
    const colours = [1, 2, 3, 4, 5, 6].map((n) => token(`chart-${n}`));
    const number = shown(chart);
    const bars = chart.kind !== "line";
    const touching = !bars && !chart.series.some((each) => each.kind === "bar");  // lines begin at the axis
    const series = [];
    const legend = [];
    chart.series.forEach((each, index) => {
      const colour = each.light ? token(each.light) : colours[index % colours.length];
      const kind = each.kind ?? (bars ? "bar" : "line");
      if (each.band) {
        series.push(...band(each, colour, index));
        legend.push({ name: each.band.name, icon: "rect" });
      }
      legend.push({ name: each.name, ...(kind === "bar" && { icon: "rect" }) });
      series.push({
        name: each.name, type: kind, data: each.values, z: 3,
        itemStyle: { color: colour, ...(kind === "bar" && each.light && { decal: hatching(each.light) }) },
        ...(kind === "bar"
          ? { stack: chart.kind === "stacked" ? "all" : undefined, barMaxWidth: 30, barGap: "15%" }
          : { symbol: ["circle", "rect", "triangle", "diamond"][index % 4], symbolSize: each.dashed ? 5 : 6, connectNulls: false,
              lineStyle: { width: 2.2, color: colour, type: each.dashed ? [6, 4] : "solid" },
              showSymbol: each.values.length <= 36 }),
      });
    });
    const markLine = [];
    for (const target of chart.targets ?? []) {
      markLine.push({ [chart.horizontal ? "xAxis" : "yAxis"]: target.value, name: target.name,
        lineStyle: { color: token("red"), type: [8, 4], width: 1.6 },
        label: { formatter: `${target.name} ${number(target.value)}`, color: token("red-ink"),
          position: chart.horizontal ? "end" : "insideStartTop", fontWeight: 600 } });
    }
    for (const mark of chart.marks ?? []) {
      markLine.push({ [chart.horizontal ? "yAxis" : "xAxis"]: mark.x, name: mark.name,
        lineStyle: { color: strong, type: "solid", width: 1.2 },
        label: { formatter: mark.name, color: ink, position: "end" } });
    }
    if (markLine.length && series.length) {
      series.at(-1).markLine = { silent: true, symbol: "none", animation: false, data: markLine };
    }
    const category = { type: "category", data: chart.x, axisLine: { lineStyle: { color: strong } }, axisTick: { show: false },
      axisLabel: { color: ink, hideOverlap: true,
        ...(chart.horizontal && { width: Math.round(0.34 * width), overflow: "truncate" }) }, boundaryGap: !touching,
      inverse: Boolean(chart.horizontal) };
    const value = { type: "value", scale: chart.min === undefined && !bars, axisLabel: { color: ink, formatter: number },
      splitLine: { lineStyle: { color: line } }, min: chart.min, max: chart.max };
    return {
      legend: { top: 0, left: 0, data: legend, textStyle: { color: ink }, itemWidth: 20, itemHeight: 9, itemGap: 16,
        show: chart.series.length > 1 || legend.length > 1 },
      grid: { left: 4, right: touching ? 34 : chart.horizontal ? 28 : 16, bottom: 4, containLabel: true,
        top: 14 + legendRows(legend, width) * 22 + (chart.marks?.length || (chart.horizontal && chart.targets?.length) ? 16 : 0) },
      tooltip: { trigger: "axis", axisPointer: { type: bars ? "shadow" : "line" }, backgroundColor: token("paper"), borderColor: line,
        textStyle: { color: token("ink") }, valueFormatter: number, confine: true },
      xAxis: chart.horizontal ? value : category,
      yAxis: chart.horizontal ? category : value,
      series,
    };
  }

  // Points of two quantities; a time axis takes the city's clock as it is written.
  function scatter(chart, width) {
    const ink = token("ink-soft"), line = token("line"), strong = token("line-strong");
    const colours = [1, 2, 3, 4, 5, 6].map((n) => token(`chart-${n}`));
    const legend = chart.series.map(({ name }) => ({ name }));
    const axis = { axisLabel: { color: ink, hideOverlap: true }, axisLine: { lineStyle: { color: strong } }, splitLine: { lineStyle: { color: line } } };
    return {
      legend: { top: 0, left: 0, data: legend, textStyle: { color: ink }, itemWidth: 12, itemHeight: 9, itemGap: 16, show: legend.length > 1 },
      grid: { left: 4, right: 24, bottom: 22, containLabel: true, top: 14 + legendRows(legend, width) * 22 },
      tooltip: { trigger: "item", backgroundColor: token("paper"), borderColor: line, textStyle: { color: token("ink") }, confine: true },
      xAxis: { ...axis, type: chart.x_type ?? "value", scale: true, name: chart.x_label, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: ink } },
      yAxis: { ...axis, type: "value", scale: true, axisLabel: { color: ink, formatter: shown(chart) } },
      series: chart.series.map((each, index) => ({
        name: each.name, type: "scatter", data: each.points, symbolSize: each.points.length > 400 ? 4 : 7,
        symbol: ["circle", "rect", "triangle", "diamond"][index % 4],
        itemStyle: { color: translucent(colours[index % colours.length], .7) },
      })),
    };
  }

  function gauge(chart) {
    const number = shown(chart);
    const colour = token(chart.light ?? "chart-1");
    const most = chart.max ?? 100;
    const base = { type: "gauge", startAngle: 205, endAngle: -25, min: 0, max: most, radius: "98%", center: ["50%", "60%"], splitNumber: 5 };
    const known = chart.value !== null && chart.value !== undefined;
    const series = [{
      ...base, progress: { show: known, width: 16, roundCap: false, itemStyle: { color: colour } }, pointer: { show: false }, axisTick: { show: false },
      axisLine: { lineStyle: { width: 16, color: [[1, token("grey-soft")]] } }, splitLine: { show: false },
      axisLabel: { color: token("ink-soft"), distance: 22, fontSize: 11, formatter: (v) => v === 0 || v === most ? number(v) : "" },
      detail: { formatter: () => known ? number(chart.value) : (english ? "No data" : "无数据"), fontSize: 30, fontWeight: 600, color: token("ink"),
        offsetCenter: [0, "-8%"] },
      title: { color: token("ink-soft"), offsetCenter: [0, "22%"], fontSize: 13 }, data: [{ value: known ? chart.value : 0, name: chart.name ?? "" }],
    }];
    if (chart.target !== undefined && chart.target !== null) {
      series.push({ ...base, progress: { show: false }, axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false },
        axisLabel: { show: false }, title: { color: token("red-ink"), offsetCenter: [0, "44%"], fontSize: 13, fontWeight: 600 }, detail: { show: false },
        pointer: { icon: "rect", width: 3, length: 24, offsetCenter: [0, "-84%"], itemStyle: { color: token("red") } },
        data: [{ value: chart.target, name: `${english ? "Target" : "目标"} ${number(chart.target)}` }] });
    }
    return { series };
  }

  function draw(figure) {
    const chart = JSON.parse(document.getElementById(figure.dataset.json).textContent);
    const canvas = figure.querySelector(".chart-canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", [chart.title, chart.description].filter(Boolean).join(english ? ". " : "。"));
    canvas.removeAttribute("aria-hidden");
    let picture = drawn.get(figure);
    if (!picture) {
      picture = echarts.init(canvas, null, { renderer: "svg" });
      drawn.set(figure, picture);
      new ResizeObserver(() => { picture.resize(); picture.setOption(options(chart, canvas), true); }).observe(canvas);
    }
    picture.setOption(options(chart, canvas), true);
  }

  function options(chart, canvas) {
    return {
      animation: false, textStyle: { fontFamily: token("font") }, backgroundColor: "transparent",
      aria: { enabled: true, label: { enabled: false } },
      ...(chart.kind === "gauge" ? gauge(chart) : (chart.kind === "scatter" ? scatter : cartesian)(chart, canvas.clientWidth)),
    };
  }

  function all(root = document) { root.querySelectorAll("figure[data-chart]").forEach(draw); }
  addEventListener("songhua:theme", () => drawn.forEach((_, figure) => draw(figure)));
  document.addEventListener("htmx:after:swap", () => all());
  all();
})();
