/* The back office's comforts: menus that close, filters that send only what was filled, lists loaded on demand. */

/** One open menu at a time; Escape and a click elsewhere close it. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-dropdown][open]")) {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-dropdown]")));
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-dropdown][open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/** A filter row: its operation names the input, its value comes back after the search. */
function startFilter(row) {
  const column = row.dataset.filter;
  const holder = row.querySelector("[data-filter-value]");
  const input = holder.querySelector("select, textarea, input");
  if (!input) return;
  const value = holder.dataset.filterValue;
  input.id = holder.dataset.filterId;
  input.name = holder.dataset.filterName;
  input.removeAttribute("placeholder");
  if (input.type === "checkbox") {
    input.checked = value !== "" && value !== "False";
  } else if (value !== "") {
    input.value = value;
  }
  row.querySelector("[data-filter-op]").addEventListener("change", (event) => {
    input.name = `_flt_${event.target.value}_${column}`;
  });
}

for (const form of document.querySelectorAll("form[data-filters]")) {
  form.querySelectorAll("[data-filter]").forEach(startFilter);
  form.addEventListener("submit", () => {
    for (const input of form.querySelectorAll("[data-filter-value] :is(input, select, textarea)")) {
      const blank = input.type === "checkbox" ? !input.checked : ["", "__None"].includes(input.value);
      input.disabled = blank;
    }
  });
}

/** FAB's date inputs, with the browser's own calendar. */
for (const input of document.querySelectorAll(".appbuilder_date input")) {
  input.type = "date";
  input.closest(".appbuilder_date").removeAttribute("id");
}

/** FAB's inputs that ask the server for their choices become plain lists. */
async function loadChoices(input, list, address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`choices answered ${answer.status}`);
  const chosen = list.value || input.value;
  const options = (await answer.json()).map((choice) => new Option(choice.text, choice.id));
  list.replaceChildren(new Option("", ""), ...options);
  list.value = chosen;
}

function startAjaxSelect(input) {
  const list = document.createElement("select");
  list.className = "form-control";
  const master = document.getElementById(input.getAttribute("master_id"));
  const address = () => input.getAttribute("endpoint").replace("{{ID}}", master ? encodeURIComponent(master.value) : "");
  const fill = () => (!master || master.value ? loadChoices(input, list, address()) : Promise.resolve());
  fill().then(() => {
    for (const name of ["id", "name", "required", "aria-describedby", "aria-invalid"]) {
      if (input.hasAttribute(name)) list.setAttribute(name, input.getAttribute(name));
    }
    input.replaceWith(list);
    master?.addEventListener("change", fill);
  }).catch(() => {});
}

document.querySelectorAll("input.my_select2_ajax, input.my_select2_ajax_slave").forEach(startAjaxSelect);
