// Draws every <figure data-map>: districts from one local file, names as links, the dense core in an inset.
import * as maplibre from "../vendor/maplibre-gl.mjs";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const english = document.documentElement.lang === "en";
const SVG = "http://www.w3.org/2000/svg";

function* points(coordinates) {
  if (typeof coordinates[0] === "number") yield coordinates;
  else for (const part of coordinates) yield* points(part);
}

function bounds(features) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const feature of features) {
    for (const [x, y] of points(feature.geometry.coordinates)) {
      box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
    }
  }
  return [[box[0], box[1]], [box[2], box[3]]];
}

const area = (ring) => ring.reduce((sum, [x, y], i) => {
  const [u, v] = ring[(i + 1) % ring.length];
  return sum + (x * v - u * y) / 2;
}, 0);

// A place for the name inside the largest part: of a grid of candidates, the one farthest from the border.
function place(feature) {
  const rings = feature.geometry.type === "Polygon" ? [feature.geometry.coordinates[0]] : feature.geometry.coordinates.map((part) => part[0]);
  const ring = rings.reduce((a, b) => Math.abs(area(a)) > Math.abs(area(b)) ? a : b);
  const [[w, s], [e, n]] = bounds([{ geometry: { coordinates: ring } }]);
  const squeeze = Math.cos(((s + n) / 2) * Math.PI / 180);
  let best = ring[0], most = -1;
  for (let i = 1; i < 24; i++) {
    for (let j = 1; j < 24; j++) {
      const x = w + (e - w) * i / 24, y = s + (n - s) * j / 24;
      let inside = false, nearest = Infinity;
      ring.forEach(([x1, y1], k) => {
        const [x2, y2] = ring[(k + 1) % ring.length];
        if ((y1 > y) !== (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1) inside = !inside;
        const dx = (x2 - x1) * squeeze, dy = y2 - y1;
        const t = Math.max(0, Math.min(1, (((x - x1) * squeeze) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
        nearest = Math.min(nearest, Math.hypot((x - x1) * squeeze - t * dx, y - y1 - t * dy));
      });
      if (inside && nearest > most) { most = nearest; best = [x, y]; }
    }
  }
  return best;
}

// {name of a colour token: keys of the districts it fills}: one layer each, so that a change of
// theme is a change of constants and is drawn at once, also in the moment before printing.
function colours(data) {
  const categories = new Map((data.categories ?? []).map((each, i) => [each.name, each.colour ?? (i % 4) + 1]));
  const groups = new Map();
  for (const region of data.regions ?? []) {
    const colour = region.light ?? categories.get(region.category);
    if (colour === undefined) continue;
    groups.set(`region-${colour}`, [...(groups.get(`region-${colour}`) ?? []), region.key]);
  }
  return { categories, groups };
}

function paint(map, data) {
  map.setPaintProperty("ground", "background-color", token("water"));
  map.setPaintProperty("fill", "fill-color", token("region-none"));
  for (const name of colours(data).groups.keys()) map.setPaintProperty(name, "fill-color", token(name));
  map.setPaintProperty("line", "line-color", token("line-strong"));
  for (const index of (data.classes ?? []).keys()) {
    map.setPaintProperty(`points-${index}`, "circle-color", token(`class-${data.classes[index].colour}`));
    map.setPaintProperty(`points-${index}`, "circle-stroke-color", token("ink-soft"));
  }
  if (map.getLayer("core")) map.setPaintProperty("core", "line-color", token("ink"));
  map.redraw();
}

const WORDS = english
  ? { green: "On track", yellow: "Warning", red: "Behind", blue: "Done", grey: "No data" }
  : { green: "正常", yellow: "预警", red: "滞后", blue: "已完成", grey: "无数据" };

// The sign before a name says the light without its colour.
const SIGNS = { green: "✓", yellow: "▲", red: "✕", blue: "■", grey: "○" };

function sign(light) {
  const made = document.createElement("span");
  made.setAttribute("aria-hidden", "true");
  made.textContent = SIGNS[light];
  return made;
}

function hidden(text) {
  const made = document.createElement("span");
  made.className = "visually-hidden";
  made.textContent = text;
  return made;
}

function label(item, className) {
  const made = document.createElement(item.url ? "a" : "span");
  if (item.url) made.href = item.url;
  made.className = `map-label ${className}`;
  if (item.light) made.classList.add(`light-${item.light}`);
  if (className === "map-pin") {
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of [["viewBox", "0 0 16 16"], ["width", 12], ["height", 12], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", "M8 1 15 8 8 15 1 8z");
    path.setAttribute("fill", "currentColor");
    svg.append(path);
    made.append(svg);
  }
  if (SIGNS[item.sign]) made.append(sign(item.sign), " ");
  made.append(item.name);
  if (item.sign) made.append(hidden(english ? ` (${WORDS[item.sign]})` : `（${WORDS[item.sign]}）`));
  if (item.text) made.title = `${item.name}：${item.text}`;
  return made;
}

// A name that would lie on a more important one steps aside, or waits until the map is nearer.
const STEPS = [[0, 0], [0, 14], [0, -14], [26, 0], [-26, 0], [26, 14], [-26, 14], [26, -14], [-26, -14]];

function thin(shown) {
  const kept = [];
  for (const { element, marker } of shown) {
    marker.setOffset([0, 0]);
    const box = element.getBoundingClientRect();
    const step = STEPS.find(([x, y]) => kept.every((other) => box.right + x < other.left || box.left + x > other.right
      || box.bottom + y < other.top || box.top + y > other.bottom));
    element.style.visibility = step ? "visible" : "hidden";
    if (!step) continue;
    marker.setOffset(step);
    kept.push({ left: box.left + step[0], right: box.right + step[0], top: box.top + step[1], bottom: box.bottom + step[1] });
  }
}

// Many places as dots of one layer for each class: [[name of its source, source]…] and layers.
function dots(data) {
  const feature = (point) => ({ type: "Feature", properties: { text: point.text, class: point.class }, geometry: { type: "Point", coordinates: point.at } });
  const radius = data.points?.length > 400 ? 3.5 : 6;
  return {
    sources: data.points ? { points: { type: "geojson", data: { type: "FeatureCollection", features: data.points.map(feature) } } } : {},
    layers: (data.classes ?? []).map((_, index) => ({ id: `points-${index}`, type: "circle", source: "points",
      filter: ["==", ["get", "class"], index], paint: { "circle-radius": radius, "circle-stroke-width": .8 } })),
  };
}

// What a dot says, at the pointer.
function speak(map, data) {
  const popup = new maplibre.Popup({ closeButton: false, closeOnClick: false, maxWidth: "280px" });
  for (const index of (data.classes ?? []).keys()) {
    map.on("mousemove", `points-${index}`, (event) => {
      const { properties, geometry } = event.features[0];
      if (properties.text) popup.setLngLat(geometry.coordinates).setText(properties.text).addTo(map);
    });
    map.on("mouseleave", `points-${index}`, () => popup.remove());
  }
}

function canvas(container, data, geojson, box, { labels, pins, padding, controls, title }) {
  const points = dots(data);
  const map = new maplibre.Map({
    container, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, cooperativeGestures: false,
    canvasContextAttributes: { preserveDrawingBuffer: true },  // so that it can be printed
    scrollZoom: false, bounds: box, fitBoundsOptions: { padding },
    style: { version: 8, sources: { districts: { type: "geojson", data: geojson }, ...points.sources }, transition: { duration: 0, delay: 0 }, layers: [
      { id: "ground", type: "background", paint: {} },
      { id: "fill", type: "fill", source: "districts", paint: {} },
      ...Array.from(colours(data).groups, ([id, keys]) => (
        { id, type: "fill", source: "districts", paint: {}, filter: ["in", ["get", data.key], ["literal", keys]] })),
      { id: "line", type: "line", source: "districts", paint: { "line-width": 1.1 } },
      ...points.layers,
    ] },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  const element = map.getCanvas();
  element.setAttribute("aria-label", title);
  if (controls) map.addControl(new maplibre.NavigationControl({ showCompass: false }), "bottom-left");
  const shown = [
    ...pins.map((pin) => ({ element: label(pin, "map-pin"), at: pin.at })),
    ...labels.map(({ region, at }) => ({ element: label(region, "map-name"), at })),
  ];
  for (const each of shown) {
    each.marker = new maplibre.Marker({ element: each.element, anchor: "center" }).setLngLat(each.at).addTo(map);
  }
  speak(map, data);
  let styled = false;
  map.on("style.load", () => { styled = true; paint(map, data); });
  map.on("moveend", () => thin(shown));
  map.on("idle", () => { thin(shown); element.closest("figure").dataset.drawn = "yes"; });
  map.on("click", "fill", (event) => {
    const region = (data.regions ?? []).find((each) => each.key === event.features[0].properties[data.key]);
    if (region?.url) location.href = region.url;
  });
  map.on("mousemove", "fill", (event) => {
    const region = (data.regions ?? []).find((each) => each.key === event.features[0].properties[data.key]);
    element.style.cursor = region?.url ? "pointer" : "";
  });
  addEventListener("songhua:theme", () => { if (styled) paint(map, data); });
  let size = 0;
  new ResizeObserver(() => {
    if (size && size !== container.clientWidth) map.fitBounds(box, { padding, animate: false });
    size = container.clientWidth;
  }).observe(container);
  return map;
}

function legend(holder, data) {
  const { categories } = colours(data);
  holder.replaceChildren();
  const entry = (colour, text, kind = "region") => {
    const line = document.createElement("span");
    const swatch = document.createElement("i");
    swatch.style.background = `var(--${kind}-${colour})`;
    line.append(swatch, text);
    holder.append(line);
  };
  for (const name of Object.keys(WORDS)) if (data.regions?.some((region) => region.light === name)) entry(name, `${SIGNS[name]} ${WORDS[name]}`);
  categories.forEach((colour, name) => entry(colour, name));
  for (const { name, colour } of data.classes ?? []) entry(colour, name, "class");
}

// The view: all dots and a little more, else all districts.
function around(data, geojson) {
  if (!data.points?.length) return bounds(geojson.features);
  const [[w, s], [e, n]] = bounds(data.points.map((point) => ({ geometry: { coordinates: point.at } })));
  const more = Math.max(.01, (e - w) * .06, (n - s) * .06);
  return [[w - more, s - more], [e + more, n + more]];
}

async function draw(figure) {
  const data = { key: "adcode", name: "name", ...JSON.parse(document.getElementById(figure.dataset.map).textContent) };
  const geojson = typeof data.geojson === "string" ? await (await fetch(data.geojson)).json() : data.geojson;
  legend(figure.querySelector(".map-legend"), data);
  const regions = new Map((data.regions ?? []).map((region) => [region.key, region]));
  const lettered = geojson.features.map((feature) => ({
    feature, at: place(feature), size: bounds([feature]),
    region: { name: feature.properties[data.name], ...regions.get(feature.properties[data.key]) },
  })).map((each) => ({ ...each, region: { ...each.region, sign: each.region.light, light: undefined } })).sort((a, b) => Math.abs((b.size[1][0] - b.size[0][0]) * (b.size[1][1] - b.size[0][1])) - Math.abs((a.size[1][0] - a.size[0][0]) * (a.size[1][1] - a.size[0][1])));
  const core = data.core?.bounds;
  const within = ([x, y]) => core && x > core[0][0] && x < core[1][0] && y > core[0][1] && y < core[1][1];
  const pins = data.markers ?? [];
  maplibre.setWorkerUrl(figure.dataset.worker);
  const whole = canvas(figure.querySelector(".map-whole"), data, geojson, around(data, geojson), {
    labels: lettered.filter((each) => !within(each.at)), pins: pins.filter((pin) => !within(pin.at)), padding: 18, controls: true, title: data.title,
  });
  if (!core) return;
  canvas(figure.querySelector(".map-core-canvas"), data, geojson, core, {
    labels: lettered.filter((each) => within(each.at)), pins: pins.filter((pin) => within(pin.at)), padding: 4, controls: false, title: `${data.title} · ${data.core.name}`,
  });
  frame(whole, core, data.core.name);
}

// The dashed frame that says which part of the whole the inset shows.
function frame(map, [[w, s], [e, n]], name) {
  const ring = [[w, s], [e, s], [e, n], [w, n], [w, s]];
  map.on("load", () => {
    map.addSource("core", { type: "geojson", data: { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: ring } } });
    map.addLayer({ id: "core", type: "line", source: "core", paint: { "line-color": token("ink"), "line-width": 1.6, "line-dasharray": [3, 2] } });
  });
  const title = document.createElement("span");
  title.className = "map-label map-core-name";
  title.textContent = name;
  new maplibre.Marker({ element: title, anchor: "center" }).setLngLat([(w + e) / 2, (s + n) / 2]).addTo(map);
}

function all() {
  for (const figure of document.querySelectorAll("figure[data-map]:not([data-drawn])")) {
    figure.dataset.drawn = "";
    draw(figure).catch((error) => {
      const note = document.createElement("p");
      note.className = "map-failed";
      note.textContent = english ? "The map cannot be drawn here. The list below holds the same content." : "当前浏览器无法绘制地图，请使用下方列表查看相同内容。";
      figure.querySelector(".map-stage").replaceChildren(note);
      figure.querySelector("details").open = true;
      console.warn(error);
    });
  }
}
all();
document.addEventListener("htmx:after:swap", all);
