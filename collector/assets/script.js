// SPDX-License-Identifier: GPL-2.0-or-later
// What a page does beyond being read: it follows the reports that come in, filters and sorts in
// place, and is moved through by keys.  Every page works without it.  What it shows is always a
// page of the collector's; no text of a report becomes HTML here.
"use strict";

(() => {
	const REST_MS = 3000; // between two looks at news, however many come
	const FIRST_MS = 300; // reports come in groups
	const SEARCH_MS = 250;
	const SILENCE_MS = 60000; // who goes silent makes no event
	const status = document.getElementById("live");
	let asked = 0; // the number of the last question: an older answer is thrown away
	let wanted = location.href; // of what page; its address follows when it is there
	let last = 0;
	let timer = null;

	function say(text) {
		if (status.textContent !== text) status.textContent = text;
	}

	function verdicts(part) {
		const found = new Map();
		for (const row of part.querySelectorAll("tr[id]")) found.set(row.id, row.dataset.verdict);
		return found;
	}

	// Takes over the parts that change from a page that was loaded anew; focus stays where it was.
	function take(page, mark) {
		for (const part of document.querySelectorAll("[data-live]")) {
			const fresh = page.getElementById(part.id);
			if (!fresh) continue;
			const before = verdicts(part);
			const focus = part.contains(document.activeElement) ? document.activeElement : null;
			const place = focus && (focus.id ? ["id", focus.id] : ["href", focus.getAttribute("href")]);
			part.replaceChildren(...fresh.childNodes);
			if (mark)
				for (const row of part.querySelectorAll("tr[id]"))
					if (before.get(row.id) !== row.dataset.verdict) row.classList.add("fresh");
			if (place && place[1])
				part.querySelector(`[${place[0]}="${CSS.escape(place[1])}"]`)?.focus({ preventScroll: true });
		}
		document.title = page.title;
	}

	async function load(url, mark) {
		const mine = ++asked;
		const answer = await fetch(url, { headers: { Accept: "text/html" } });
		if (!answer.ok) throw new Error(String(answer.status));
		const text = await answer.text();
		if (mine === asked) take(new DOMParser().parseFromString(text, "text/html"), mark);
	}

	async function show(url, push) {
		wanted = url;
		try {
			await load(url, false);
			if (push) history.pushState(null, "", url);
			else history.replaceState(null, "", url);
		} catch {
			location.assign(url);
		}
	}

	// ---- news

	async function look() {
		timer = null;
		if (document.hidden) return;
		last = Date.now();
		try {
			await load(wanted, true);
		} catch {
			say("Not live: the collector does not answer");
		}
	}

	function news() {
		if (timer === null) timer = setTimeout(look, Math.max(FIRST_MS, last + REST_MS - Date.now()));
	}

	function follow() {
		setInterval(news, SILENCE_MS);
		const events = new EventSource("/v1/events");
		events.onopen = () => say("\u25cf Live");
		events.onerror = () => say("\u25cb Not live: trying again");
		events.addEventListener("change", news);
		events.addEventListener("report", news);
		document.addEventListener("visibilitychange", () => document.hidden || news());
	}

	// ---- filters, columns, pages

	function url_of(form) {
		const query = new URLSearchParams();
		for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
		return form.getAttribute("action") + (query.size ? "?" + query : "");
	}

	function filter(form) {
		let wait = null;
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			show(url_of(form), true);
		});
		form.addEventListener("input", () => {
			clearTimeout(wait);
			wait = setTimeout(() => show(url_of(form), false), SEARCH_MS);
		});
	}

	function click(event) {
		const link = event.target.closest("a[data-swap]");
		if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
		event.preventDefault();
		show(link.href, true);
	}

	// The link that an arrow key goes to: along the row, or in the same column of another row.
	function neighbour(link, key) {
		const row = link.closest("tr");
		const across = { ArrowRight: 1, ArrowLeft: -1 }[key];
		const down = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[key];
		if (across) {
			const links = [...row.querySelectorAll("a")];
			return links[links.indexOf(link) + across];
		}
		if (!down) return null;
		const column = link.closest("th, td").cellIndex;
		for (let other = row[down]; other; other = other[down]) {
			const found = other.cells[column]?.querySelector("a");
			if (found) return found;
		}
		return null;
	}

	function key(event) {
		const typing = event.target.matches("input, select, textarea");
		const search = document.querySelector("input[type=search]");
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		if (event.key === "/" && !typing && search) {
			event.preventDefault();
			search.focus();
			search.select();
		}
		const link = event.target.closest("tbody a");
		const next = link && neighbour(link, event.key);
		if (next) {
			event.preventDefault();
			next.focus();
		}
	}

	const form = document.querySelector("form[data-filter]");
	if (form) filter(form);
	document.addEventListener("click", click);
	document.addEventListener("keydown", key);
	addEventListener("popstate", () => show(location.href, false));
	if (document.querySelector("[data-live]")) follow();
})();
