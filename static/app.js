// app.js: the live part of a page. A section with data-poll is fetched every two seconds until it
// no longer says data-live; then the whole page is read once more. It rests while the page is
// hidden or paused. Without this script the page works and offers a link to refresh.
"use strict";

(function () {
	const section = document.querySelector("[data-poll]");
	if (!section)
		return;
	const wait_ms = 2000;
	const wait_max_ms = 30000;
	const controls = document.querySelector("[data-poll-controls]");
	const say = document.querySelector("[data-poll-say]");
	const pause = document.querySelector("[data-poll-pause]");
	let etag = null;
	let said = section.querySelector("[data-say]")?.dataset.say;
	let timer = null;
	let failures = 0;
	let is_paused = false;

	function later() {
		clearTimeout(timer);
		if (is_paused || document.hidden)
			return;
		timer = setTimeout(poll, Math.min(wait_ms * 2 ** failures, wait_max_ms));
	}

	// Only a change of the state or the step is announced, not every number.
	function announce(sentence) {
		if (!sentence || sentence === said)
			return;
		said = sentence;
		say.textContent = sentence;
	}

	// Returns what the new part says. A reader inside the old one keeps the focus: it is not
	// replaced under them.
	function show(html) {
		const part = new DOMParser().parseFromString(html, "text/html").body;
		const state = part.querySelector("[data-say]")?.dataset ?? {};
		if (!section.contains(document.activeElement))
			section.replaceChildren(...part.childNodes);
		return state;
	}

	async function poll() {
		try {
			const answer = await fetch(section.dataset.poll, {
				headers: etag ? {"If-None-Match": etag, "Accept": "text/html"} : {"Accept": "text/html"},
				credentials: "same-origin",
				cache: "no-store",
				redirect: "error",
			});
			if (answer.status === 200) {
				const state = show(await answer.text());
				etag = answer.headers.get("ETag");
				announce(state.say);
				if (!state.live) {
					location.reload();
					return;
				}
			} else if (answer.status !== 304) {
				throw new Error("status " + answer.status);
			}
			failures = 0;
		} catch (error) {
			failures = Math.min(failures + 1, 5);
			announce("No answer from the server; trying again.");
		}
		later();
	}

	pause.addEventListener("click", function () {
		is_paused = !is_paused;
		pause.textContent = is_paused ? "Go on with updates" : "Pause updates";
		later();
	});
	document.addEventListener("visibilitychange", later);
	controls.hidden = false;
	later();
})();
