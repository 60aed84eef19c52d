/* Suggests employers while their name is typed: a combobox with a list, by keyboard and mouse, told aloud. */

const PAUSE = 200;
const SHORTEST = 2;

class Suggestions {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input[type=text]");
    this.status = box.querySelector("[role=status]");
    this.kept = box.querySelector("[data-found]");
    this.list = document.createElement("ul");
    this.list.id = `${this.input.id}-suggestions`;
    this.list.className = "g-suggest__list";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.input.labels[0]?.textContent.trim() ?? "");
    this.list.hidden = true;
    this.input.after(this.list);
    this.found = [];
    this.at = -1;
    this.asked = 0;
  }

  start() {
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.onTyped());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.at));
    });
  }

  /** Other words: what was chosen or offered for the words before no longer counts. */
  onTyped() {
    this.kept.replaceChildren();
    clearTimeout(this.timer);
    this.asked += 1;
    const typed = this.input.value.trim();
    if (typed.length < SHORTEST) return this.close();
    this.timer = setTimeout(() => this.ask(typed, this.asked), PAUSE);
  }

  async ask(typed, number) {
    try {
      const answer = await fetch(`${this.box.dataset.suggestions}?q=${encodeURIComponent(typed)}`, {
        headers: { Accept: "application/json" },
        redirect: "manual",
      });
      if (!answer.ok || number !== this.asked) return;
      const { employers, said } = await answer.json();
      if (number === this.asked) this.show(employers, said);
    } catch {
      this.close(); // no connection: sending the page offers those that match
    }
  }

  show(found, said) {
    this.found = found;
    this.list.replaceChildren(...found.map((employer, at) => this.option(employer, at)));
    this.status.textContent = said;
    this.open(found.length > 0 && document.activeElement === this.input);
  }

  option(employer, at) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${at}`;
    option.className = "g-suggest__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.at = at;
    option.textContent = employer.label;
    return option;
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
    this.mark(-1);
  }

  close() {
    this.open(false);
  }

  mark(at) {
    this.at = at;
    for (const [place, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(place === at));
      if (place === at) option.scrollIntoView({ block: "nearest" });
    }
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  onKey(event) {
    const isOpen = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.found.length) {
      event.preventDefault();
      if (!isOpen) this.open(true);
      const places = this.found.length + 1; // one of them is the input itself
      this.mark(((this.at + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && isOpen && this.at >= 0) {
      event.preventDefault();
      this.choose(this.at);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      this.close();
    }
  }

  choose(at) {
    const employer = this.found[at];
    this.input.value = employer.name;
    this.kept.replaceChildren(this.hidden("", employer.id), this.hidden("-found", employer.name));
    this.asked += 1;
    this.found = [];
    this.status.textContent = employer.label;
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  hidden(ending, value) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: `${this.box.dataset.field}${ending}`, value });
    return input;
  }
}

for (const box of document.querySelectorAll("[data-suggestions]")) new Suggestions(box).start();
