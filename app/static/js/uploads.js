/* Files sent as they are chosen: in parts, with progress, going on from where the server is after a cut. */

const PART = 256 * 2 ** 10;
const TRIES = 8;
/** The delays the server tells, in milliseconds. */
const [FIRST_PAUSE, LONGEST_PAUSE, LOOK_EVERY] = document
  .querySelector("meta[name=upload-seconds]")
  .content.split(" ")
  .map((seconds) => seconds * 1e3);
const LOOKS = 150;
const OFFSET = "Upload-Offset";

class Refused extends Error {}
class SignedOut extends Error {}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One answer of the server; what cannot be mended by trying again is thrown as such. */
async function ask(url, options) {
  const answer = await fetch(url, { ...options, redirect: "manual", cache: "no-store" });
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignedOut();
  if (answer.status === 422) throw new Refused((await answer.json()).error);
  if (answer.ok || answer.status === 409) return answer.json();
  throw new Error(`answered ${answer.status}`);
}

class Field {
  constructor(box) {
    this.box = box;
    this.texts = box.dataset;
    this.form = box.closest("form");
    this.token = this.form.querySelector("input[name=csrf_token]").value;
    this.input = box.querySelector("input[type=file]");
    this.list = box.querySelector("[data-files]") ?? this.addList();
    this.news = document.createElement("p");
    this.news.className = "govuk-visually-hidden";
    this.news.setAttribute("role", "status");
    box.append(this.news);
    this.underWay = 0;
    this.input.addEventListener("change", () => this.take(this.input));
    this.addCamera();
    this.list.querySelectorAll("[data-waiting]").forEach((row) => this.watch(row));
  }

  addList() {
    const list = document.createElement("ul");
    list.className = "g-files";
    this.box.querySelector(".govuk-drop-zone, input[type=file]").before(list);
    return list;
  }

  /** On a telephone: the camera, without the list of pictures before it. */
  addCamera() {
    const camera = document.createElement("input");
    Object.assign(camera, { type: "file", accept: "image/*", hidden: true });
    camera.setAttribute("capture", "environment");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: this.texts.camera });
    button.className = "govuk-button govuk-button--secondary g-camera";
    button.addEventListener("click", () => {
      this.box.append(camera);
      camera.click();
    });
    camera.addEventListener("change", () => this.take(camera));
    this.box.append(button);
  }

  take(input) {
    const files = [...input.files];
    if (!files.length) return;
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
    for (const file of files) this.send(file);
  }

  async send(file) {
    const row = this.addRow(file);
    this.underWay += 1;
    try {
      this.arrived(row, file, await this.transfer(file, row));
    } catch (problem) {
      this.failed(row, problem);
    } finally {
      this.underWay -= 1;
      this.form.dispatchEvent(new Event("uploads:changed"));
    }
  }

  addRow(file) {
    const row = document.createElement("li");
    row.className = "g-file";
    const name = document.createElement("span");
    name.className = "g-file__name";
    name.textContent = file.name;
    row.said = document.createElement("span");
    row.said.className = "g-file__state";
    row.bar = document.createElement("progress");
    row.bar.className = "g-file__progress";
    row.bar.max = 1;
    row.bar.value = 0;
    row.bar.setAttribute("aria-label", file.name);
    row.append(name, row.said, row.bar);
    this.list.append(row);
    return row;
  }

  async transfer(file, row) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.token };
    const { service, field } = this.texts;
    const body = JSON.stringify({ service, field, name: file.name, size: file.size });
    let state = await this.again(row, () => ask(this.texts.uploads, { method: "POST", headers, body }));
    while (!state.done) {
      this.progress(row, state.offset / file.size);
      state = await this.again(row, () => this.part(state, file), () => ask(state.url));
    }
    return state;
  }

  part(state, file) {
    const headers = { "Content-Type": "application/octet-stream", "X-CSRFToken": this.token, [OFFSET]: state.offset };
    return ask(state.url, { method: "POST", headers, body: file.slice(state.offset, state.offset + PART) });
  }

  /** Try until it is done; after a cut, first ask the server how far it is. */
  async again(row, action, look = null) {
    let next = action;
    for (let tries = 1; ; tries += 1) {
      try {
        return await next();
      } catch (problem) {
        if (problem instanceof Refused || problem instanceof SignedOut || tries === TRIES) throw problem;
        row.said.textContent = this.texts.failed;
        this.news.textContent = this.texts.failed;
        await pause(Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE));
        next = look ?? action;
      }
    }
  }

  progress(row, part) {
    row.bar.value = part;
    row.said.textContent = this.texts.sending.replace("{percent}", Math.floor(part * 100));
  }

  arrived(row, file, state) {
    const fresh = new DOMParser().parseFromString(state.row, "text/html").querySelector("li");
    row.replaceWith(fresh);
    this.news.textContent = this.texts.arrived.replace("{name}", file.name);
    if (fresh.dataset.waiting) this.watch(fresh);
  }

  failed(row, problem) {
    const gone = problem instanceof SignedOut ? this.texts.signedOut : this.texts.gone;
    const reason = document.createElement("p");
    reason.className = "govuk-error-message g-file__reason";
    reason.setAttribute("role", "alert");
    reason.textContent = problem instanceof Refused ? problem.message : gone;
    const remove = document.createElement("button");
    Object.assign(remove, { type: "button", textContent: this.texts.remove });
    remove.className = "govuk-button govuk-button--secondary g-button--quiet g-file__remove";
    remove.addEventListener("click", () => {
      row.remove();
      this.input.focus();
    });
    row.classList.add("g-file--failed");
    row.bar.remove();
    row.said.remove();
    row.append(remove, reason);
  }

  /** Look again until the checks are over. */
  async watch(row) {
    let shown = row;
    for (let looks = 0; looks < LOOKS && shown.isConnected && shown.dataset.waiting; looks += 1) {
      await pause(LOOK_EVERY);
      if (document.hidden) continue;
      try {
        const answer = await fetch(shown.dataset.waiting, { redirect: "manual", cache: "no-store" });
        if (!answer.ok) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("li");
        if (fresh.textContent.trim() === shown.textContent.trim()) continue;
        const hadFocus = shown.contains(document.activeElement);
        shown.replaceWith(fresh);
        shown = fresh;
        if (hadFocus) fresh.querySelector("button")?.focus();
        this.news.textContent = fresh.textContent.replace(/\s+/g, " ").trim();
      } catch {
        // the next look may find the server again
      }
    }
  }
}

/** A form whose files are still on their way is sent once they have arrived. */
function holdWhileSending(form, fields) {
  const isSending = () => fields.some((field) => field.underWay > 0);
  let pressed = null;
  form.addEventListener("submit", (event) => {
    if (!isSending()) return;
    event.preventDefault();
    pressed = event.submitter;
    fields[0].news.textContent = fields[0].texts.wait;
  });
  form.addEventListener("uploads:changed", () => {
    if (!pressed || isSending()) return;
    const button = pressed;
    pressed = null;
    if (!form.querySelector(".g-file--failed")) form.requestSubmit(button);
  });
}

const byForm = new Map();
for (const box of document.querySelectorAll("[data-uploads]")) {
  const field = new Field(box);
  byForm.set(field.form, [...(byForm.get(field.form) ?? []), field]);
}
for (const [form, fields] of byForm) holdWhileSending(form, fields);
