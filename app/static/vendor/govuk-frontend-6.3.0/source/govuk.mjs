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

for (const component of [
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload,
  NotificationBanner, PasswordInput, PlainRadios, SkipLink,
]) {
  createAll(component);
}

/* The button's hidden comma makes its spoken name differ from its visible text (WCAG 2.5.3). */
for (const comma of document.querySelectorAll(".govuk-file-upload-button > .govuk-visually-hidden")) comma.remove();
