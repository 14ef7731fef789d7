"""Prefect's two UIs in a headless Chromium, as a person uses them: forms, runs, artifacts, answers."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # the UIs load pictures from elsewhere
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
STEP_SECONDS = 60
TAKEN_SECONDS = 20
RUN_SECONDS = 240
KINDS = {"TEXTAREA": "text", "BUTTON": "choice"}
INPUTS = {"number": "number", "checkbox": "switch"}


@contextmanager
def chromium(folder: Path) -> Iterator[BrowserContext]:
    """Start the system's Chromium with an empty profile; skip where there is none."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    with sync_playwright() as started:
        context = started.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=CHROMIUM,
            headless=True,
            args=list(FLAGS),
            chromium_sandbox=False,
            viewport={"width": 1280, "height": 1600},
        )
        context.set_default_timeout(STEP_SECONDS * 1000)
        try:
            yield context
        finally:
            context.close()


def titled(title: str) -> str:
    """Return the condition of an XPath by which a label has a title, required or not."""
    return f"normalize-space()='{title}' or normalize-space()='{title} (Optional)'"


class PrefectPages:
    """One of the two UIs.

    Args:
        page: A tab of the browser.
        server: Address of the server.
        pictures: Folder for what was seen.
    """

    prefix = ""
    form_labels = ""
    editors = ""

    def __init__(self, page: Page, server: str, pictures: Path) -> None:
        self.page = page
        self._server = server
        self._pictures = pictures

    def open(self, path: str) -> None:
        self.page.goto(f"{self._server}{self.prefix}{path}", wait_until="domcontentloaded")

    def keep_picture(self, name: str) -> None:
        self._pictures.mkdir(exist_ok=True)
        path = self._pictures / f"{type(self).__name__}-{name}.png"
        self.page.screenshot(path=path, animations="disabled")

    def open_form(self, deployment_id: str) -> None:
        """Open the form of a custom run."""
        self.open(f"/deployments/deployment/{deployment_id}/run")
        self.page.get_by_text("Requested by").first.wait_for()

    def titles(self) -> list[str]:
        """Return the titles of the form's fields, from top to bottom."""
        told = self.page.locator(self.form_labels).all_inner_texts()
        return [" ".join(one.split()).removesuffix(" (Optional)") for one in told]

    def has_editors(self) -> bool:
        """Whether the form has a box for JSON or code anywhere."""
        return self.page.locator(self.editors).count() > 0

    def control(self, title: str) -> Locator:
        """Return what a field is filled in with."""
        raise NotImplementedError

    def kind(self, title: str) -> str:
        """Return how a field is filled in."""
        found = self.control(title).evaluate("e => [e.tagName, e.type, e.getAttribute('role')]")
        name, form, role = found
        return "switch" if role == "switch" else INPUTS.get(form, KINDS.get(name, name))

    def fill(self, title: str, value: str) -> None:
        self.control(title).fill(value)

    def choose(self, title: str, option: str) -> list[str]:
        """Choose one of what is offered, which folds the choice; return all that is offered."""
        offered = self._offered(title)
        self._pick(option)
        self._options.first.wait_for(state="hidden")
        expect(self.control(title)).to_have_text(option, timeout=STEP_SECONDS * 1000)
        return offered

    def choose_several(self, title: str, *options: str) -> list[str]:
        """Choose several, and fold the choice; return all that is offered."""
        offered = self._offered(title)
        for option in options:
            self._pick(option)
        self._fold()
        self._options.first.wait_for(state="hidden")
        return offered

    def _offered(self, title: str) -> list[str]:
        self._unfold(self.control(title))
        self._options.first.wait_for()
        return [" ".join(one.split()) for one in self._options.all_inner_texts()]

    @property
    def _options(self) -> Locator:
        return self.page.get_by_role("option")

    def _pick(self, option: str) -> None:
        self.page.get_by_role("option", name=option, exact=True).first.click()

    def _unfold(self, choice: Locator) -> None:
        choice.click()

    def _fold(self) -> None:
        self.page.keyboard.press("Escape")

    def _tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=name, exact=True)

    def submit(self) -> None:
        self.page.get_by_role("button", name="Submit", exact=True).last.click()

    def open_run(self, name: str) -> None:
        """Find a run by its name among all runs, and open it."""
        self.open("/runs")
        self.page.get_by_role("link", name=name, exact=True).first.click(timeout=RUN_SECONDS * 1000)
        self._tab("Logs").wait_for()

    def wait_for_state(self, state: str) -> None:
        """Wait until the open run's page shows a state."""
        shown = self.page.get_by_text(state, exact=True).first
        shown.wait_for(timeout=RUN_SECONDS * 1000)

    def open_tab(self, name: str) -> None:
        """Open a tab of the open run's page."""
        self._tab(name).click()

    def open_artifact(self, key: str) -> None:
        """Open the last version of an artifact, from the list of them."""
        self.page.get_by_text(key, exact=True).first.click()
        self.page.locator("a[href*='/artifacts/artifact/']").first.click()

    def see(self, text: str) -> None:
        """Wait until a text is there to be read."""
        self.page.get_by_text(re.compile(re.escape(text))).first.wait_for()

    def open_answer(self) -> None:
        """Open the form of a suspended run's question."""
        raise NotImplementedError

    def answer(self) -> None:
        """Send the form of a question, and see that it was taken."""
        self._send.click()
        title = self.page.get_by_text("Resume Flow Run", exact=True)
        title.wait_for(state="hidden", timeout=TAKEN_SECONDS * 1000)

    @property
    def _send(self) -> Locator:
        raise NotImplementedError


class OlderPages(PrefectPages):
    """The dark one, at the server's own address."""

    form_labels = ".schema-form-property__label"
    editors = ".p-code-input, .cm-editor"

    def control(self, title: str) -> Locator:
        label = f"//span[contains(@class,'schema-form-property__label')][{titled(title)}]"
        field = "/ancestor::div[contains(concat(' ',@class,' '),' p-label ')][1]"
        body = "/div[contains(@class,'p-label__body')]"
        return (
            self.page.locator(f"xpath={label}{field}{body}")
            .locator("textarea, input, button")
            .first
        )

    def _unfold(self, choice: Locator) -> None:
        choice.focus()
        self.page.keyboard.press("ArrowDown")

    def _fold(self) -> None:
        self.page.get_by_text("Run Name").click()

    def _tab(self, name: str) -> Locator:
        return self.page.get_by_text(name, exact=True).first

    def open_answer(self) -> None:
        self.page.get_by_role("button", name="Resume", exact=True).click()
        self.control("Decision").wait_for()

    @property
    def _send(self) -> Locator:
        return self.page.get_by_role("button", name="Submit", exact=True)


class NewerPages(PrefectPages):
    """The light one, which the server shows first."""

    prefix = "/v2"
    form_labels = "form label"
    editors = ".cm-editor"

    def control(self, title: str) -> Locator:
        label = self.page.locator(f"xpath=//label[{titled(title)}]").last
        found = self.page.locator(f"[id='{label.get_attribute('for')}']")
        is_group = found.evaluate("e => e.tagName") == "DIV"
        return found.locator("button").first if is_group else found

    def open_answer(self) -> None:
        self.page.locator("main button[aria-haspopup=menu]").first.click()
        self.page.get_by_role("menuitem", name="Resume").click()
        self.page.get_by_role("dialog").get_by_text("Your name").wait_for()

    @property
    def _send(self) -> Locator:
        return self.page.get_by_role("dialog").get_by_role("button", name="Resume", exact=True)
