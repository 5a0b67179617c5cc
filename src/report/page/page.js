/* SPDX-License-Identifier: MIT */
/* The page of --format html. Text from the report only ever becomes textContent. */
"use strict";
(function () {
	var data = JSON.parse(document.getElementById("data").textContent);
	var SVG = "http://www.w3.org/2000/svg";
	var MOST = 200; /* rows shown of a list: beyond that a person searches */
	var MOST_NEAR = 14; /* classes drawn on each side */

	function make(name, attributes, text) {
		var e = document.createElement(name);
		for (var key in attributes || {}) e.setAttribute(key, attributes[key]);
		if (text !== undefined) e.textContent = text;
		return e;
	}
	function draw(name, attributes, text) {
		var e = document.createElementNS(SVG, name);
		for (var key in attributes || {}) e.setAttribute(key, attributes[key]);
		if (text !== undefined) e.textContent = text;
		return e;
	}
	function one(id) { return document.getElementById(id); }
	function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }
	function brief(name) { return name.length > 28 ? name.slice(0, 13) + "…" + name.slice(-13) : name; }
	function count(n, thing) { return n + " " + thing + (n === 1 ? "" : "s"); }

	/* ---------------------------------------------------------------- light and dark */

	function theme(word) {
		if (word === "auto") document.documentElement.removeAttribute("data-theme");
		else document.documentElement.setAttribute("data-theme", word);
		one("theme").textContent = "theme: " + word;
		one("theme").value = word;
		try { localStorage.setItem("lockdag-theme", word); } catch (e) { /* a page from disk may not */ }
		if (graph) graph.map();
	}
	var graph = null;
	one("theme").addEventListener("click", function () {
		theme({ auto: "light", light: "dark", dark: "auto" }[one("theme").value || "auto"]);
	});

	/* ---------------------------------------------------------------- the edges that are cut */

	var cut = new Map(); /* "from,to" -> words */

	function toggle(key, words) {
		if (cut.has(key)) cut.delete(key);
		else cut.set(key, words);
		showCuts();
	}
	function isCleared(finding) {
		return finding.edges.some(function (key) { return cut.has(key); });
	}
	function showCuts() {
		var cleared = data.findings.filter(isCleared).length, list = one("cut-list");
		one("cuts").hidden = cut.size === 0;
		list.textContent = "";
		cut.forEach(function (words, key) {
			var button = make("button", { "aria-pressed": "true", "data-undo": key, title: "put it back" }, words + " ✕");
			button.addEventListener("click", function () { toggle(key, words); });
			list.append(button, " ");
		});
		one("cut-result").textContent = "Without " + (cut.size === 1 ? "this edge" : "these " + cut.size + " edges") + ": " +
			cleared + " of " + count(data.findings.length, "finding") + " cleared" + (graph ? "; " + graph.cycles() : "") + ".";
		data.findings.forEach(function (finding) {
			var article = one("f-" + finding.id);
			if (article) article.classList.toggle("cleared", isCleared(finding));
		});
		all("[data-cut]").forEach(function (e) {
			var on = cut.has(e.getAttribute("data-cut"));
			if (e.tagName === "BUTTON") {
				e.setAttribute("aria-pressed", on);
				e.textContent = on ? "put it back" : "what if cut?";
			} else {
				e.classList.toggle("off", on);
			}
		});
		if (graph) graph.map();
	}
	document.addEventListener("click", function (event) {
		var button = event.target.closest("button[data-cut]");
		if (button) toggle(button.getAttribute("data-cut"), button.getAttribute("data-words"));
	});

	/* ---------------------------------------------------------------- findings */

	/* A link of a picture opens its stacks. */
	function open(details) {
		details.open = true;
		details.scrollIntoView({ block: "nearest" });
		details.querySelector("summary").focus({ preventScroll: true });
	}
	all(".picture svg").forEach(function (svg) {
		svg.setAttribute("role", "img");
		all("title", svg).forEach(function (title) { title.remove(); });
		all(".edge", svg).forEach(function (edge) {
			var details = one("d-" + edge.id);
			if (!details) return;
			edge.setAttribute("tabindex", "0");
			edge.setAttribute("role", "button");
			edge.setAttribute("aria-label", details.querySelector("summary").textContent);
			if (details.hasAttribute("data-edge")) edge.setAttribute("data-cut", details.getAttribute("data-edge"));
			edge.addEventListener("click", function () { open(details); });
			edge.addEventListener("keydown", function (event) {
				if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(details); }
			});
			details.addEventListener("toggle", function () { edge.classList.toggle("open", details.open); });
		});
	});

	var grades = one("finding-grade"), find = one("finding-search");
	function filterFindings() {
		var words = find.value.toLowerCase().split(/\s+/), shown = 0;
		data.findings.forEach(function (finding) {
			var article = one("f-" + finding.id), text = article.textContent.toLowerCase();
			var fits = (!grades.value || finding.grade === grades.value) &&
				words.every(function (word) { return text.indexOf(word) >= 0; });
			article.hidden = !fits;
			shown += fits;
		});
		one("finding-count").textContent = shown === data.findings.length ? "" : count(shown, "finding") + " shown";
	}
	if (find) {
		find.addEventListener("input", filterFindings);
		grades.addEventListener("change", filterFindings);
	}

	/* ---------------------------------------------------------------- the whole graph */

	function Graph(g) {
		var n = g.classes.length, self = this;
		var out = [], into = [], rank = new Int32Array(n), row = new Int32Array(n), grade = new Int8Array(n), text = [];
		var selected = -1, matches = [], i;

		for (i = 0; i < n; i++) { out.push([]); into.push([]); }
		g.edges.forEach(function (e, number) { out[e[0]].push(number); into[e[1]].push(number); });
		g.classes.forEach(function (c) { text.push([c[0], c[1], c[2], c[3]].join(" ").toLowerCase()); });
		data.findings.forEach(function (finding) {
			finding.classes.forEach(function (c) { grade[c] = Math.max(grade[c], finding.rank + 1); });
		});

		/* A class stands to the right of all that are taken before it. */
		(function () {
			var order = g.classes.map(function (c, number) { return number; }), rows = [], linked;
			order.sort(function (a, b) { return g.classes[a][4] - g.classes[b][4]; });
			order.forEach(function (c) {
				out[c].forEach(function (e) {
					if (!g.edges[e][3]) rank[g.edges[e][1]] = Math.max(rank[g.edges[e][1]], rank[c] + 1);
				});
			});
			order.forEach(function (c) {
				linked = out[c].length + into[c].length;
				if (!linked) { row[c] = -1; return; }
				row[c] = rows[rank[c]] = rows[rank[c]] === undefined ? 0 : rows[rank[c]] + 1;
			});
			self.ranks = rows.length;
			self.rows = rows;
		})();

		function key(e) { return e[0] + "," + e[1]; }
		function words(e) { return g.classes[e[0]][0] + " → " + g.classes[e[1]][0]; }

		/* How many edges lie on cycles when the cut ones are gone (Tarjan 1972, without recursion). */
		self.cycles = function () {
			var index = new Int32Array(n), low = new Int32Array(n), component = new Int32Array(n).fill(-1);
			var next = 1, stack = [], path = [], at = new Int32Array(n), on = 0, components = 0, v, w, e, root;
			for (root = 0; root < n; root++) {
				if (index[root]) continue;
				path.push(root);
				while (path.length) {
					v = path[path.length - 1];
					if (!index[v]) { index[v] = low[v] = next++; stack.push(v); }
					if (at[v] < out[v].length) {
						e = g.edges[out[v][at[v]++]];
						w = e[1];
						if (cut.has(key(e))) continue;
						if (!index[w]) path.push(w);
						else if (component[w] < 0) low[v] = Math.min(low[v], index[w]);
						continue;
					}
					path.pop();
					if (path.length) low[path[path.length - 1]] = Math.min(low[path[path.length - 1]], low[v]);
					if (low[v] === index[v]) {
						do { w = stack.pop(); component[w] = components; } while (w !== v);
						components++;
					}
				}
			}
			g.edges.forEach(function (x) { on += !cut.has(key(x)) && component[x[0]] === component[x[1]]; });
			return on ? count(on, "edge") + " of the graph still on a cycle" : "no edge of the graph is on a cycle";
		};

		/* ------------------------------------------------------------ the map */

		var canvas = one("map"), places = [];
		self.map = function () {
			var style = getComputedStyle(document.documentElement), scale = window.devicePixelRatio || 1;
			var width = canvas.clientWidth, height = canvas.clientHeight, p = canvas.getContext("2d");
			function color(name) { return style.getPropertyValue(name).trim(); }
			function x(c) { return 14 + (width - 28) * (self.ranks > 1 ? rank[c] / (self.ranks - 1) : 0.5); }
			function y(c) { return 10 + (height - 20) * (row[c] + 1) / (self.rows[rank[c]] + 2); }
			if (!width) return;
			canvas.width = width * scale;
			canvas.height = height * scale;
			p.scale(scale, scale);
			places = [];
			var fits = new Uint8Array(n);
			matches.forEach(function (c) { fits[c] = 1; });
			function edges(test, stroke, thick, alpha) {
				p.strokeStyle = stroke; p.lineWidth = thick; p.globalAlpha = alpha;
				p.beginPath();
				g.edges.forEach(function (e) {
					if (!test(e)) return;
					p.moveTo(x(e[0]), y(e[0]));
					p.lineTo(x(e[1]), y(e[1]));
				});
				p.stroke();
			}
			var few = g.edges.length < 2000 ? 0.5 : g.edges.length < 20000 ? 0.15 : 0.05;
			edges(function (e) { return !e[3] && !cut.has(key(e)) && fits[e[0]] && fits[e[1]]; }, color("--soft"), 1, few);
			edges(function (e) { return e[3] && !cut.has(key(e)) && fits[e[0]] && fits[e[1]]; }, color("--back"), 1.6, 0.9);
			if (selected >= 0)
				edges(function (e) { return (e[0] === selected || e[1] === selected) && !cut.has(key(e)); }, color("--accent"), 1.6, 0.9);
			p.globalAlpha = 1;
			for (var c = 0; c < n; c++) {
				if (row[c] < 0) continue;
				p.fillStyle = c === selected ? color("--accent") : !fits[c] ? color("--line") :
					grade[c] > 2 ? color("--bad") : grade[c] > 1 ? color("--warn") : color("--soft");
				p.beginPath();
				p.arc(x(c), y(c), c === selected ? 6 : n > 2000 ? 1.6 : n > 300 ? 2.5 : 4, 0, 7);
				p.fill();
				places.push([x(c), y(c), c]);
			}
			if (places.length > 60) return;
			p.font = "12px " + style.getPropertyValue("--mono");
			p.fillStyle = color("--text");
			places.forEach(function (place) {
				p.textAlign = place[0] > width / 2 ? "right" : "left";
				p.fillText(brief(g.classes[place[2]][0]), place[0] + (place[0] > width / 2 ? -9 : 9), place[1] - 6);
			});
		};
		canvas.style.height = Math.min(24, 6 + 2 * Math.max.apply(null, self.rows.concat(0))) + "rem";
		window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", self.map);
		function nearest(event) {
			var box = canvas.getBoundingClientRect(), best = -1, least = 400;
			places.forEach(function (place) {
				var dx = place[0] - (event.clientX - box.left), dy = place[1] - (event.clientY - box.top);
				if (dx * dx + dy * dy < least) { least = dx * dx + dy * dy; best = place[2]; }
			});
			return best;
		}
		canvas.addEventListener("click", function (event) {
			var c = nearest(event);
			if (c >= 0) select(c);
		});
		canvas.addEventListener("mousemove", function (event) {
			var c = nearest(event);
			canvas.title = c >= 0 ? g.classes[c][0] : "";
		});
		window.addEventListener("resize", self.map);

		/* ------------------------------------------------------------ one class */

		function near(c) {
			var svg = one("near"), left = into[c].slice(0, MOST_NEAR), right = out[c].slice(0, MOST_NEAR);
			var rows = Math.max(left.length, right.length, 1), height = rows * 34 + 10, middle = height / 2 - 13;
			svg.textContent = "";
			svg.setAttribute("viewBox", "0 0 760 " + height);
			svg.setAttribute("role", "img");
			svg.setAttribute("aria-label", "what is held before " + g.classes[c][0] + ", and what is asked for with it");
			function box(class_, xx, yy, me) {
				var name = g.classes[class_][0];
				var group = draw("g", { "class": me ? "n me" : "n", transform: "translate(" + xx + "," + yy + ")" });
				group.append(draw("rect", { width: 220, height: 26, rx: 6 }), draw("text", { x: 110, y: 17, "text-anchor": "middle" }, brief(name)), draw("title", {}, name));
				group.addEventListener("click", function () { select(class_); });
				svg.append(group);
			}
			function line(e, x1, y1, x2, y2) {
				svg.append(draw("path", {
					d: "M" + x1 + "," + y1 + "C" + (x1 + 30) + "," + y1 + " " + (x2 - 30) + "," + y2 + " " + x2 + "," + y2,
					"class": e[3] ? "back" : "", "data-cut": key(e)
				}));
			}
			function at(i, list) { return (height - list.length * 34) / 2 + i * 34; }
			left.forEach(function (e, i) { line(g.edges[e], 220, at(i, left) + 13, 270, middle + 13); });
			right.forEach(function (e, i) { line(g.edges[e], 490, middle + 13, 540, at(i, right) + 13); });
			left.forEach(function (e, i) { box(g.edges[e][0], 0, at(i, left), false); });
			right.forEach(function (e, i) { box(g.edges[e][1], 540, at(i, right), false); });
			box(c, 270, middle, true);
		}

		function table(id, list, end, most) {
			var body = one(id);
			body.textContent = "";
			list.slice(0, most).forEach(function (number) {
				var e = g.edges[number], tr = make("tr"), go = make("button", {}, g.classes[e[end]][0]), td = make("td");
				go.addEventListener("click", function () { select(e[end]); });
				td.append(go);
				tr.append(td, make("td", {}, e[2] + "×" + (e[3] ? ", against the order" : "")), make("td", {}, g.strings[e[4]]), make("td", {}, g.strings[e[5]]));
				td = make("td");
				td.append(make("button", { "data-cut": key(e), "data-words": words(e) }, "what if cut?"));
				tr.append(td);
				body.append(tr);
			});
			if (list.length > most) {
				var more = make("button", {}, (list.length - most) + " more"), cell = make("td", { colspan: "5" }), last = make("tr");
				more.addEventListener("click", function () { table(id, list, end, most + 1000); showCuts(); });
				cell.append(more);
				last.append(cell);
				body.append(last);
			}
		}

		function select(c) {
			var k = g.classes[c], list = one("of-findings");
			selected = c;
			one("class").hidden = false;
			one("class-name").textContent = k[0];
			one("class-what").textContent = [k[1], k[2] && "in " + k[2], k[3], "key " + k[5]].filter(Boolean).join(", ");
			list.textContent = "";
			data.findings.forEach(function (finding) {
				if (finding.classes.indexOf(c) < 0) return;
				var li = make("li");
				li.append(make("a", { href: "#f-" + finding.id }, finding.grade + " " + finding.title));
				list.append(li);
			});
			near(c);
			table("before", into[c], 0, MOST);
			table("after", out[c], 1, MOST);
			all("#classes button").forEach(function (b) { b.setAttribute("aria-current", b.value === String(c)); });
			showCuts();
			self.map();
		}
		self.select = select;

		/* ------------------------------------------------------------ search and filters */

		var search = one("search"), module = one("module"), type = one("type"), level = one("grade"), lone = one("lone");
		function options(select_, values) {
			Array.from(new Set(values)).filter(Boolean).sort().forEach(function (v) { select_.append(make("option", { value: v }, v)); });
		}
		options(module, g.classes.map(function (c) { return c[2]; }));
		options(type, g.classes.map(function (c) { return c[1]; }));

		function filter() {
			var wanted = search.value.toLowerCase().split(/\s+/), list = one("classes");
			matches = [];
			for (var c = 0; c < n; c++) {
				if ((module.value && g.classes[c][2] !== module.value) || (type.value && g.classes[c][1] !== type.value)) continue;
				if (grade[c] < Number(level.value) || (!lone.checked && row[c] < 0)) continue;
				if (wanted.every(function (word) { return text[c].indexOf(word) >= 0; })) matches.push(c);
			}
			list.textContent = "";
			matches.slice(0, MOST).forEach(function (m) {
				var li = make("li"), button = make("button", { value: m, "aria-current": m === selected }, g.classes[m][0]);
				button.append(make("span", { "class": "soft" }, " " + into[m].length + "→" + out[m].length));
				button.addEventListener("click", function () { select(m); });
				li.append(button);
				list.append(li);
			});
			one("matches").textContent = count(matches.length, "class").replace("classs", "classes") +
				(matches.length > MOST ? ", the first " + MOST + " shown" : "");
			self.map();
		}
		[search, module, type, level, lone].forEach(function (e) {
			e.addEventListener(e === search ? "input" : "change", filter);
		});
		one("classes").addEventListener("keydown", function (event) {
			var li = event.target.closest("li"), to = event.key === "ArrowDown" ? li.nextSibling : event.key === "ArrowUp" ? li.previousSibling : null;
			if (to) { event.preventDefault(); to.firstChild.focus(); }
		});
		search.addEventListener("keydown", function (event) {
			var first = one("classes").querySelector("button");
			if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
			if (event.key === "Enter" && matches.length) select(matches[0]);
		});
		filter();
	}

	if (data.graph) {
		one("graph").hidden = false;
		graph = new Graph(data.graph);
	}
	(function () {
		var word = null;
		try { word = localStorage.getItem("lockdag-theme"); } catch (e) { /* as above */ }
		theme(word === "light" || word === "dark" ? word : "auto");
	})();

	/* ---------------------------------------------------------------- keys */

	function step(by) {
		var shown = all("article").filter(function (a) { return !a.hidden; }), at = shown.indexOf(document.activeElement.closest("article"));
		var to = shown[at < 0 ? 0 : Math.min(Math.max(at + by, 0), shown.length - 1)];
		if (to) { to.focus(); to.scrollIntoView({ block: "start" }); }
	}
	document.addEventListener("keydown", function (event) {
		if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) {
			if (event.key === "Escape") event.target.blur();
			return;
		}
		if (event.key === "j") step(1);
		else if (event.key === "k") step(-1);
		else if (event.key === "/" && data.graph) { event.preventDefault(); one("search").focus(); }
		else if (event.key === "t") one("theme").click();
		else if (event.key === "u") { cut.clear(); showCuts(); }
	});
})();
