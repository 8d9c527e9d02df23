"""Does what a newcomer does on the page: reads a record that is there, creates a list, puts records into it, follows
`next`, looks one up, changes it, and deletes it and the list."""

import json
import os
import re
import subprocess
import sys
import tempfile
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as condition
from selenium.webdriver.support.wait import WebDriverWait

TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
FIRST_SCREENSHOT = os.path.join(TARGET, "reference.png")
SCREENSHOT = os.path.join(TARGET, "try-it-out.png")
SECONDS = 60
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
]


class Failure(Exception):
    """What is wrong, in a sentence."""


def check(holds, failure):
    if not holds:
        raise Failure(failure)


def start_program():
    command = [os.path.join(TARGET, "debug", "local"), "--port", "0", "--dynamodb-port", "0"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")


def page_of(program):
    for line in program.stdout:
        if match := re.match(r"Reference\s+(\S+)", line):
            return match[1]
    raise Failure("The program ended without naming its page.")


def start_browser(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class Page:
    """The page, operated as a person does."""

    def __init__(self, browser):
        self.browser = browser

    def wait_for(self, found, failure):
        try:
            return WebDriverWait(self.browser, SECONDS).until(found)
        except TimeoutException:
            raise Failure(f"{failure} (waited {SECONDS} s)") from None

    def press(self, selector, name):
        clickable = condition.element_to_be_clickable((By.CSS_SELECTOR, selector))
        button = self.wait_for(clickable, f'The page has no button "{name}".')
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()

    def text(self, selector, name):
        visible = condition.visibility_of_element_located((By.CSS_SELECTOR, selector))
        return self.wait_for(visible, f"The page does not show {name}.").text

    def fill(self, operation, parameter, value):
        selector = f'{operation} tr[data-param-name="{parameter}"] input'
        visible = condition.visibility_of_element_located((By.CSS_SELECTOR, selector))
        field = self.wait_for(visible, f"The page has no field for {parameter}.")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(value or Keys.DELETE)

    def execute(self, operation_id, **parameters):
        """Opens an operation, fills in its parameters, and executes it. Returns the status, and the body if there is one.

        What is not filled in is sent as the page has it."""
        # Swagger UI's element of the operation.
        operation = f"[id$=-{operation_id}]"
        self.press(f"{operation} .opblock-summary-control", operation_id)
        for parameter, value in parameters.items():
            self.fill(operation, parameter, value)
        self.press(f"{operation} .execute", "Execute")
        response = f"{operation} .live-responses-table .response"
        status = self.text(f"{response} .response-col_status", "the status of a response").split()[0]
        if status in ("202", "204"):
            return status, None
        body = self.text(f"{response} .highlight-code code", "the body of a response")
        return status, json.loads(body)

    def close(self, operation_id):
        """Closes an operation, so that it can be executed afresh."""
        operation = f"[id$=-{operation_id}]"
        self.press(f"{operation} .btn-clear", "Clear")
        self.press(f"{operation} .opblock-summary-control", operation_id)


def documented(url):
    """The IDs of all operations, tag by tag."""
    with urlopen(f"{url}openapi.json") as response:
        document = json.load(response)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    tags = [tag["name"] for tag in document["tags"]]
    return [operation["operationId"] for tag in tags for operation in operations if operation["tags"] == [tag]]


def check_first_screen(page):
    page.text(".opblock", "an operation")
    blocks = page.browser.find_elements(By.CSS_SELECTOR, ".opblock")
    shown = [block.get_attribute("id").rsplit("-", 1)[1] for block in blocks]
    check(shown == documented(page.browser.current_url), f"The page shows other operations: {shown}")
    height = page.browser.execute_script("return window.innerHeight")
    check(blocks[0].rect["y"] < height / 3, f"The operations start too low: {blocks[0].rect} of {height}")
    description = page.browser.find_element(By.CSS_SELECTOR, ".information-container").rect
    check(description["y"] > blocks[-1].rect["y"], "The description is above the operations.")
    check("token is filled in" in page.text("header", "its header"), "The page does not say that a token is filled in.")
    models = page.browser.find_elements(By.CSS_SELECTOR, ".models")
    check(not models, "The page shows schemas.")


def read_examples(page):
    """Executes what reads, as the page has it: its examples exist."""
    for operation_id in ["readRecordList", "readRecords", "readRecord"]:
        status, body = page.execute(operation_id)
        check(status == "200", f"{operation_id} with the examples of the page: {status} {body}")
        check_height(page, operation_id)
        page.close(operation_id)


def check_height(page, operation_id):
    """A response is as high as its text: there is nothing to scroll in it."""
    body = f"[id$=-{operation_id}] .live-responses-table .highlight-code > .microlight"
    body = page.browser.find_element(By.CSS_SELECTOR, body)
    hidden = page.browser.execute_script("return arguments[0].scrollHeight - arguments[0].clientHeight", body)
    check(hidden <= 0, f"The response of {operation_id} hides {hidden} pixels.")


def create_list(page, url):
    status, created = page.execute("createRecordList")
    check(status == "201", f"The list was not created: {created}")
    link = created["_links"]["self"]["href"]
    check(link == f"{url}record-lists/{created['id']}", f"A link leads elsewhere: {link}")
    status, lists = page.execute("readRecordLists")
    check(status == "200" and created in lists["_embedded"]["record_lists"], f"The list is not among the lists: {lists}")
    return created


def put_records(page, record_list):
    status, response = page.execute("createRecords", record_list_id=record_list["id"])
    records = response["_embedded"]["records"]
    check(status == "201" and response["total_created"] == 2, f"Not both records were created: {response}")
    names = [record["first_name"] for record in records]
    check(names == ["Joey", "Jane"], f"The records are not the example's: {names}")
    return sorted(records, key=lambda record: record["id"])


def follow_next(page, record_list, records):
    status, first = page.execute("readRecords", record_list_id=record_list["id"], per_page="1")
    check(status == "200" and first["_embedded"]["records"] == records[:1], f"The first page is another: {first}")
    after = parse_qs(urlsplit(first["_links"]["next"]["href"]).query)["after"][0]
    page.close("readRecords")
    status, second = page.execute("readRecords", record_list_id=record_list["id"], per_page="1", after=after)
    check(status == "200" and second["_embedded"]["records"] == records[1:], f"The second page is another: {second}")


def look_up(page, record_list, record):
    page.close("readRecords")
    number = record["phone_number"]
    # The page keeps what was filled in, and a look-up has no pages.
    parameters = {"per_page": "", "after": "", "phone_number": number}
    status, found = page.execute("readRecords", record_list_id=record_list["id"], **parameters)
    check(status == "200" and found["_embedded"]["records"] == [record], f"{number} is another record: {found}")


def change_one(page, record_list, record):
    path = {"record_list_id": record_list["id"], "record_id": record["id"]}
    status, body = page.execute("readRecord", **path)
    check(status == "200" and body == record, f"The record is another: {body}")
    page.close("readRecord")
    status, changed = page.execute("updateRecord", **path)
    check(status == "200" and changed["first_name"] == "Joseph", f"The record was not changed: {changed}")
    check("timezone" not in changed, f"The record still has a time zone: {changed}")
    status, body = page.execute("readRecord", **path)
    check(status == "200" and body == changed, f"The record is another: {body}")
    page.close("readRecord")


def delete_list(page, record_list):
    status, renamed = page.execute("updateRecordList", record_list_id=record_list["id"])
    check(status == "200" and renamed["name"] == "Leads of December", f"The list was not renamed: {renamed}")
    status, body = page.execute("deleteRecordList", record_list_id=record_list["id"])
    check(status == "202", f"The list was not deleted: {body}")
    status, body = page.execute("readRecordList", record_list_id=record_list["id"])
    check(status == "404" and body["code"] == "RECORD_LIST_NOT_FOUND", f"The list is still there: {body}")


def delete_one(page, record_list, record):
    path = {"record_list_id": record_list["id"], "record_id": record["id"]}
    status, body = page.execute("deleteRecord", **path)
    check(status == "204", f"The record was not deleted: {body}")
    status, body = page.execute("readRecord", **path)
    check(status == "404" and body["code"] == "RECORD_NOT_FOUND", f"The record is still there: {body}")


def check_page(browser, url):
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    elsewhere = [name for name in loaded if not name.startswith((url, "data:"))]
    check(not elsewhere, f"The page loads from elsewhere: {elsewhere}")
    errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    # The browser logs the 404 that is expected.
    errors = [message for message in errors if "404" not in message]
    check(not errors, f"The page has errors: {errors}")


def run(program, browser):
    url = page_of(program)
    browser.get(url)
    page = Page(browser)
    try:
        check_first_screen(page)
        browser.save_screenshot(FIRST_SCREENSHOT)
        read_examples(page)
        record_list = create_list(page, url)
        records = put_records(page, record_list)
        follow_next(page, record_list, records)
        look_up(page, record_list, records[0])
        change_one(page, record_list, records[0])
        delete_one(page, record_list, records[0])
        delete_list(page, record_list)
        check_page(browser, url)
    finally:
        browser.save_screenshot(SCREENSHOT)
        print(f"Screenshots: {FIRST_SCREENSHOT}, {SCREENSHOT}")


def main():
    program = start_program()
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, start_browser(profile) as browser:
            run(program, browser)
    except Failure as failure:
        sys.exit(str(failure))
    finally:
        program.terminate()
        program.wait()
    print("The page read what is there, created, read and changed records, and deleted a record and a list.")


main()
