/* The parts of GOV.UK Frontend that Guichet's pages use, started where the page bears their data-module. */
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload,
  NotificationBanner, PasswordInput, Radios, SkipLink, createAll,
} from "govuk-frontend";

/** ARIA allows no aria-expanded on a radio; the revealed question follows at once in the page. */
class PlainRadios extends Radios {
  syncConditionalRevealWithInputState($input) {
    super.syncConditionalRevealWithInputState($input);
    $input.removeAttribute("aria-expanded");
  }
}

const components = [
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload,
  NotificationBanner, PasswordInput, PlainRadios, SkipLink,
];

function start(scope) {
  for (const component of components) createAll(component, undefined, { scope });
  // The button's hidden comma makes its spoken name differ from its visible text (WCAG 2.5.3).
  for (const comma of scope.querySelectorAll(".govuk-file-upload-button > .govuk-visually-hidden")) comma.remove();
}

start(document);
/* A script that puts new content into a part of the page sends that part this event. */
document.addEventListener("guichet:replaced", (event) => start(event.target));
