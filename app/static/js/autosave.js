/* Saves a page of questions while it is being filled in, and says whether that worked. */

class Autosave {
  constructor(form, voice) {
    this.form = form;
    this.voice = voice;
    this.state = document.getElementById("autosave-state");
    this.problem = document.getElementById("autosave-problem");
    this.way = document.getElementById("autosave-sign-in");
    const told = voice.dataset.seconds.split(" ").map((seconds) => seconds * 1e3);
    [this.pause, this.firstRetry, this.longestRetry] = told;
    this.timer = null;
    this.retryIn = this.firstRetry;
    this.dirty = false;
    this.sending = false;
    this.over = false;
  }

  start() {
    for (const kind of ["input", "change"]) {
      this.form.addEventListener(kind, (event) => event.target.type !== "file" && this.onTyped());
    }
    this.form.addEventListener("submit", () => this.stop());
    window.addEventListener("online", () => this.saveSoon(0));
    window.addEventListener("focus", () => this.saveSoon(0));
    window.addEventListener("pageshow", (event) => event.persisted && (this.over = false));
  }

  stop() {
    this.over = true;
    clearTimeout(this.timer);
  }

  onTyped() {
    this.dirty = true;
    this.saveSoon(this.pause);
  }

  saveSoon(delay) {
    if (this.over || !this.dirty) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  /** One request at a time; what is typed meanwhile is sent after it. */
  async save() {
    if (this.sending || this.over) return;
    this.sending = true;
    this.dirty = false;
    const outcome = await this.send();
    this.sending = false;
    if (this.over) return;
    if (outcome.problem) this.onProblem(outcome.problem);
    else this.onSaved(outcome.saved);
  }

  onSaved(sentence) {
    this.retryIn = this.firstRetry;
    this.say(sentence, "");
    if (this.dirty) this.saveSoon(this.pause);
  }

  /** Signed out: trying again is of no use until the person comes back from signing in. */
  onProblem(kind) {
    this.dirty = true;
    this.say("", this.voice.dataset[kind], kind === "signedOut");
    if (kind === "signedOut") return;
    this.saveSoon(this.retryIn);
    this.retryIn = Math.min(this.retryIn * 2, this.longestRetry);
  }

  /** An alert that is written again is read out again: only a new sentence is written. */
  say(state, problem, canSignIn = false) {
    this.state.textContent = state;
    if (this.problem.textContent !== problem) this.problem.textContent = problem;
    this.way.hidden = !canSignIn;
  }

  async send() {
    try {
      const answer = await this.post();
      if (answer.status !== 409) return read(answer);
      const fresh = await answer.json();
      if (fresh.person !== this.voice.dataset.person) return { problem: "signedOut" };
      for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = fresh.csrf_token;
      return read(await this.post());
    } catch {
      return { problem: "network" };
    }
  }

  post() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const headers = { Accept: "application/json" };
    return fetch(this.voice.dataset.url, { method: "POST", body: data, headers, redirect: "manual" });
  }
}

/** What an answer means to the person. */
async function read(answer) {
  if (answer.type === "opaqueredirect" || [401, 403, 409].includes(answer.status)) return { problem: "signedOut" };
  return answer.ok ? answer.json() : { problem: "server" };
}

const form = document.getElementById("main-form");
const voice = document.getElementById("autosave");
if (form && voice) new Autosave(form, voice).start();
