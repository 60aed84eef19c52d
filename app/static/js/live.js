/* Keeps an open case page up to date: told by the server's event stream, or by asking now and then. */

const GONE = new Set([401, 403, 404, 410]);

class LiveCase {
  constructor(region, news) {
    this.region = region;
    this.news = news;
    this.pollEvery = milliseconds(region.dataset.pollSeconds);
    this.pauseAfterHidden = milliseconds(region.dataset.hiddenSeconds);
    this.shown = null;
    this.etag = null;
    this.source = null;
    this.poll = null;
    this.pause = null;
    this.fetching = false;
    this.again = false;
    this.over = false;
  }

  /** Listen now, and whenever the page is looked at again. */
  start() {
    document.addEventListener("visibilitychange", () => this.onVisibility());
    window.addEventListener("pagehide", () => this.disconnect());
    window.addEventListener("pageshow", (event) => event.persisted && this.resume());
    this.connect();
  }

  connect() {
    if (this.over || this.source) return;
    if (!("EventSource" in window)) {
      this.startPolling();
      return;
    }
    this.source = new EventSource(this.region.dataset.liveUrl);
    // What happened while the stream was down is not sent again: ask on every (re)opening.
    this.source.onopen = () => {
      this.stopPolling();
      this.refresh();
    };
    this.source.onmessage = () => this.refresh();
    this.source.onerror = () => this.onStreamError();
  }

  onStreamError() {
    this.startPolling();
    if (this.source && this.source.readyState === EventSource.CLOSED) {
      this.source.close();
      this.source = null;
    }
  }

  disconnect() {
    if (this.source) this.source.close();
    this.source = null;
    this.stopPolling();
  }

  startPolling() {
    if (this.poll || this.over) return;
    this.poll = setInterval(() => {
      this.refresh();
      this.connect();
    }, this.pollEvery);
  }

  stopPolling() {
    clearInterval(this.poll);
    this.poll = null;
  }

  onVisibility() {
    clearTimeout(this.pause);
    if (document.hidden) {
      this.pause = setTimeout(() => this.disconnect(), this.pauseAfterHidden);
    } else {
      this.resume();
    }
  }

  resume() {
    if (this.source || this.poll) return;
    this.connect();
    this.refresh();
  }

  /** Fetch the state and show it; one request at a time, and one more if something happened meanwhile. */
  async refresh() {
    if (this.over) return;
    if (this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    try {
      await this.fetchState();
    } catch {
      this.startPolling();
    } finally {
      this.fetching = false;
    }
    if (this.again) {
      this.again = false;
      await this.refresh();
    }
  }

  async fetchState() {
    const headers = { Accept: "text/html", "X-Requested-With": "fetch" };
    if (this.etag) headers["If-None-Match"] = this.etag;
    const answer = await fetch(this.region.dataset.stateUrl, { headers, redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || GONE.has(answer.status)) {
      this.over = true;
      this.disconnect();
      return;
    }
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(`state answered ${answer.status}`);
    this.etag = answer.headers.get("ETag");
    this.show(await answer.text());
  }

  show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    const before = this.shown ?? this.region.innerHTML;
    if (normal(fresh.innerHTML) === normal(before)) return;
    this.shown = fresh.innerHTML;
    const focused = this.region.contains(document.activeElement) ? document.activeElement.id : null;
    const said = text(this.region.querySelector("[data-announce]"));
    this.region.replaceChildren(...fresh.childNodes);
    if (focused) document.getElementById(focused)?.focus();
    this.region.dispatchEvent(new CustomEvent("guichet:replaced", { bubbles: true }));
    this.announce(text(this.region.querySelector("[data-announce]")), said);
  }

  announce(sentence, before) {
    this.region.classList.remove("g-live--changed");
    void this.region.offsetWidth;
    this.region.classList.add("g-live--changed");
    this.news.textContent = sentence && sentence !== before ? sentence : this.region.dataset.label;
  }
}

/** What can be compared: a form's token is another at each answer, and scripts mark what they took care of. */
function normal(html) {
  return html
    .replace(/(name="csrf_token" value=")[^"]*/g, "$1")
    .replace(/ data-[a-z-]+-init=""/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

function milliseconds(seconds) {
  return Number(seconds) * 1e3;
}

function text(element) {
  return element ? element.textContent.replace(/\s+/g, " ").trim() : "";
}

const region = document.getElementById("case-live");
const news = document.getElementById("case-live-news");
if (region && news) new LiveCase(region, news).start();
