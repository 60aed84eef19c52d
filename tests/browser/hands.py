"""How a person uses a page: with a mouse, or with nothing but a keyboard."""

from itertools import product
from typing import Protocol

from playwright.sync_api import FilePayload, Locator

MOST_TABS = 80


class Hands(Protocol):
    """What a person does to a control they can see."""

    def press(self, control: Locator) -> None:
        """Follow a link, press a button, open a fold."""

    def write(self, control: Locator, text: str) -> None:
        """Fill in a text input."""

    def choose(self, control: Locator, label: str) -> None:
        """Choose an entry of a list."""

    def pick(self, control: Locator, suggestion: Locator) -> None:
        """Take one of what is suggested under an input one has typed into."""

    def tick(self, control: Locator) -> None:
        """Choose a radio button."""

    def attach(self, control: Locator, file: FilePayload) -> None:
        """Choose a file."""


class Mouse:
    """Points at it."""

    def press(self, control: Locator) -> None:
        control.click()

    def write(self, control: Locator, text: str) -> None:
        control.fill(text)

    def choose(self, control: Locator, label: str) -> None:
        control.select_option(label=label)

    def pick(self, control: Locator, suggestion: Locator) -> None:
        suggestion.click()

    def tick(self, control: Locator) -> None:
        control.check()

    def attach(self, control: Locator, file: FilePayload) -> None:
        control.set_input_files(file)


class Keyboard:
    """Tab to it, then Enter, arrows or letters; the focus must be seen on the way."""

    def press(self, control: Locator) -> None:
        self._reach(control)
        control.page.keyboard.press("Enter")

    def write(self, control: Locator, text: str) -> None:
        self._reach(control)
        control.page.keyboard.press("ControlOrMeta+a")
        control.page.keyboard.type(text)

    def choose(self, control: Locator, label: str) -> None:
        self._reach(control)
        control.page.keyboard.type(label)
        assert control.locator("option:checked").inner_text() == label

    def pick(self, control: Locator, suggestion: Locator) -> None:
        """The arrows mark one after the other; the focus stays in the input."""
        suggestion.wait_for()
        many = control.page.get_by_role("option").count()
        for _ in range(many):
            control.page.keyboard.press("ArrowDown")
            if suggestion.get_attribute("aria-selected") == "true":
                break
        assert control.get_attribute("aria-activedescendant") == suggestion.get_attribute("id")
        control.page.keyboard.press("Enter")

    def tick(self, control: Locator) -> None:
        """Tab to the group, where the chosen radio or the first has the focus, then the arrows."""
        group = control.page.locator(f"input[type=radio][name={control.get_attribute('name')}]")
        chosen = group.and_(control.page.locator(":checked"))
        self._reach(chosen.first if chosen.count() else group.first)
        control.page.keyboard.press("Space")
        for _ in range(group.count()):
            if control.is_checked():
                return
            control.page.keyboard.press("ArrowDown")
        assert control.is_checked()

    def attach(self, control: Locator, file: FilePayload) -> None:
        """GOV.UK's button stands for the input where JavaScript runs, and takes its id once loaded."""
        control.page.wait_for_load_state()
        button = control.page.locator(f"button#{str(control.get_attribute('id')).removesuffix('-input')}")
        button = button if button.count() else control
        with control.page.expect_file_chooser() as chooser:
            self._reach(button)
            control.page.keyboard.press("Enter")
        chooser.value.set_files(file)

    def _reach(self, control: Locator) -> None:
        """Tab until the control has the focus, which must then be visible."""
        control.page.wait_for_load_state()
        control.wait_for()
        for _ in range(MOST_TABS):
            if control.evaluate("control => control === document.activeElement"):
                assert control.evaluate(FOCUS_SHOWS), f"the focus does not show on {control}"
                return
            control.page.keyboard.press("Tab")
        raise AssertionError(f"{control} cannot be reached with the Tab key")


FOCUS_SHOWS = """control => {
  const style = getComputedStyle(control);
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return control.matches(":focus-visible") && (outlined || style.boxShadow !== "none");
}"""
"""Whether the focused control is drawn with an outline or a shadow."""

MOUSE = Mouse()
KEYBOARD = Keyboard()
WAYS = list(product(("fr", "en"), (MOUSE, KEYBOARD), (True, False)))
"""Each language with each kind of hands, with JavaScript and without."""

NAMES = [
    f"{lang}-{'mouse' if hands is MOUSE else 'keyboard'}{'' if scripts else '-without-scripts'}"
    for lang, hands, scripts in WAYS
]
"""How the tests of each way are called."""
