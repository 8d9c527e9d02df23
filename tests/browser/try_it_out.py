"""Does what a newcomer does: opens the page, presses "Try it out" and "Execute", and sees the 201 with its records."""

import json
import os
import re
import subprocess
import sys
import tempfile

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as condition
from selenium.webdriver.support.wait import WebDriverWait

TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
SCREENSHOT = os.path.join(TARGET, "try-it-out.png")
SECONDS = 60
# The page lists every operation; this one is Swagger UI's element of `operationId: createRecords`.
OPERATION = "[id$=-createRecords]"
RESPONSE = f"{OPERATION} .live-responses-table .response"
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
    "--window-size=1280,4000",
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


def wait_for(browser, found, failure):
    try:
        return WebDriverWait(browser, SECONDS).until(found)
    except TimeoutException:
        raise Failure(f"{failure} (waited {SECONDS} s)") from None


def press(browser, selector, name):
    clickable = condition.element_to_be_clickable((By.CSS_SELECTOR, selector))
    wait_for(browser, clickable, f'The page has no button "{name}".').click()


def text(browser, selector, name):
    visible = condition.visibility_of_element_located((By.CSS_SELECTOR, selector))
    return wait_for(browser, visible, f"The page does not show {name}.").text


def try_it_out(browser):
    press(browser, f"{OPERATION} .try-out__btn", "Try it out")
    press(browser, f"{OPERATION} .execute", "Execute")
    status = text(browser, f"{RESPONSE} .response-col_status", "the status of a response")
    body = text(browser, f"{RESPONSE} .highlight-code code", "the body of a response")
    check(status.startswith("201"), f"The response is {status}, not 201: {body}")
    return json.loads(body)


def check_response(response, page):
    records = response["_embedded"]["records"]
    names = [record["first_name"] for record in records]
    check(names == ["Joey", "Jane"], f"The records are not the example's: {names}")
    check(response["total_created"] == 2, f"Not both records were created: {records}")
    link = records[0]["_links"]["self"]["href"]
    check(link.startswith(page), f"A link leads elsewhere: {link}")


def check_page(browser, page):
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    elsewhere = [url for url in loaded if not url.startswith((page, "data:"))]
    check(not elsewhere, f"The page loads from elsewhere: {elsewhere}")
    errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    check(not errors, f"The page has errors: {errors}")


def run(program, browser):
    page = page_of(program)
    browser.get(page)
    try:
        check_response(try_it_out(browser), page)
        check_page(browser, page)
    finally:
        browser.save_screenshot(SCREENSHOT)
        print(f"Screenshot: {SCREENSHOT}")


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
    print('"Try it out" and "Execute" show the 201 with its records.')


main()
