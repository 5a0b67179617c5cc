#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page of --format html in a browser: what a person clicks, and what the input must not do.

Needs Debian's chromium, chromium-driver and python3-selenium. LOCKDAG_SHOTS=DIR keeps screenshots there."""
import json
import os
import re
import shutil
import sys

import harness
from harness import Skip, case, contains, equal, main, run

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    webdriver = None

harness.TIMEOUT = 90
browser = None

BANK = """
process app pid=10
stack s1
frame function="move" file="src/bank.c" line=2 module="bank"
stack s2
frame function="check" file="src/audit.c" line=9 module="bank"
thread transfer tid=11
thread audit tid=12
lock first key="bank!first" where="src/bank.c:1"
lock second key="bank!second"
lock third key="libx.so!third" type=rwlock
acquire transfer holds first@s1 asks second stack=s1
acquire audit holds second@s2 asks first stack=s2
acquire audit holds first@s2 asks third stack=s2
"""


def needs_browser():
    global browser
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not webdriver or not driver or not chromium:
        raise Skip("needs Debian's chromium, chromium-driver and python3-selenium")
    if browser:
        return browser
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in "headless=new no-sandbox disable-gpu disable-dev-shm-usage hide-scrollbars".split():
        options.add_argument("--" + word)
    options.add_argument("--window-size=1250,1500")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    try:
        browser = webdriver.Chrome(service=Service(driver), options=options)
    except Exception as error:
        raise Skip("chromium does not start here: " + str(error).splitlines()[0])
    return browser


def shot(name):
    directory = os.environ.get("LOCKDAG_SHOTS")
    if directory:
        browser.save_screenshot(os.path.join(directory, name + ".png"))


def page(model):
    """The page of a model, loaded; what the browser complains of is a failure."""
    page_browser = needs_browser()
    if not os.path.exists(model):
        with open("m.model", "w", encoding="utf-8") as file:
            file.write(model)
        model = "m.model"
    status, out, err = run("model", "--fail-on", "never", "--format", "html", "-o", "page.html", model)
    equal((status, out, err), (0, "", ""))
    page_browser.get("file://" + os.path.abspath("page.html"))
    complaints = [entry["message"] for entry in page_browser.get_log("browser")]
    equal(complaints, [])
    return page_browser


def one(selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def every(selector):
    return browser.find_elements(By.CSS_SELECTOR, selector)


def classes():
    return [re.sub(r" \d+→\d+$", "", e.text) for e in every("#classes button")]


@case
def a_click_on_a_link_opens_its_stacks():
    os.mkdir("src")
    with open("src/bank.c", "w", encoding="ascii") as file:
        file.write("before();\n\tlock(&second->lock); /* <b> */\nafter();\n")
    page(BANK)
    details = every("article details")
    equal([d.get_attribute("open") for d in details], [None, None])
    browser.execute_script("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", one(".picture .edge"))
    equal(details[0].get_attribute("open"), "true")
    equal(details[1].get_attribute("open"), None)
    contains(details[0].text, "src/bank.c:2")
    contains(details[0].find_element(By.CSS_SELECTOR, "mark").text, "lock(&second->lock); /* <b> */")
    contains(details[0].find_element(By.CSS_SELECTOR, ".source").text, "1  before();")
    shot("link")


@case
def keys_do_what_the_mouse_does():
    page(BANK)
    edge = one(".picture .edge")
    browser.execute_script("arguments[0].focus()", edge)
    edge.send_keys(Keys.ENTER)
    equal(every("article details")[0].get_attribute("open"), "true")
    body = one("body")
    body.send_keys("/")
    equal(browser.switch_to.active_element.get_attribute("id"), "search")
    browser.switch_to.active_element.send_keys("third", Keys.ARROW_DOWN)
    contains(browser.switch_to.active_element.text, "third")
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    equal(one("#class-name").text, "third")
    body.send_keys("j")
    equal(browser.switch_to.active_element.tag_name, "article")


@case
def search_and_filters():
    page(BANK)
    equal(classes(), ["first", "second", "third"])
    one("#search").send_keys("BANK.C")
    equal(classes(), ["first"])
    one("#search").clear()
    one("#search").send_keys("x")
    one("#search").send_keys(Keys.BACKSPACE)
    for select, value, wanted in (
        ("#module", "libx.so", ["third"]),
        ("#type", "mutex", ["first", "second"]),
        ("#grade", "2", ["first", "second"]),
        ("#grade", "6", []),
    ):
        browser.execute_script(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))", one(select), value
        )
        equal(classes(), wanted)
        browser.execute_script(
            "arguments[0].selectedIndex = 0; arguments[0].dispatchEvent(new Event('change'))", one(select)
        )
    one("#finding-search").send_keys("no such words")
    equal([a.is_displayed() for a in every("article")], [False])


@case
def what_if_this_edge_were_cut():
    page(BANK)
    every("article details summary")[1].click()
    button = every("article details button")[1]
    button.click()
    equal(button.text, "put it back")
    contains(one("article").get_attribute("class"), "cleared")
    equal(
        one("#cut-result").text,
        "Without this edge: 1 of 1 finding cleared; no edge of the graph is on a cycle.",
    )
    one("#classes button").click()
    shot("cut")
    button.click()
    equal(button.text, "what if cut?")
    assert "cleared" not in one("article").get_attribute("class")
    assert not one("#cuts").is_displayed()
    # an edge of no cycle clears nothing
    one("#classes button").click()
    rows = every("#after tr")
    third = [row for row in rows if "third" in row.text][0]
    third.find_element(By.CSS_SELECTOR, "button[data-cut]").click()
    browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    shot("class")
    contains(one("#cut-result").text, "0 of 1 finding cleared; 2 edges of the graph still on a cycle")


@case
def light_and_dark():
    page(BANK)

    def background():
        return browser.execute_script("return getComputedStyle(document.body).backgroundColor")

    def prefer(scheme):
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    prefer("light")
    light = background()
    shot("light")
    prefer("dark")
    dark = background()
    shot("dark")
    assert light != dark, light
    one("#theme").click()
    equal((one("#theme").text, background()), ("theme: light", light))
    prefer("light")
    one("#theme").click()
    equal((one("#theme").text, background()), ("theme: dark", dark))
    one("#theme").click()
    equal((one("#theme").text, background()), ("theme: auto", light))


@case
def nothing_of_the_input_is_markup():
    page(TESTS + "/report/models/markup.model")
    equal(len(every("script")), 2)
    equal(every("[onload], [onerror], b b, i, img, iframe, a[href^='javascript']"), [])
    equal(len(every("article")), 1)
    contains(one("article").text, "</script><svg onload=alert(1)>")
    contains(one("h3").text, '"]; evil [label="')
    for name in every("#classes button"):
        name.click()
        contains(one("#class-name").text, name.text.rsplit(" ", 1)[0])
    text = browser.execute_script("return document.querySelector('.picture svg').textContent")
    contains(text, "</script><svg onload=alert(1)> (4101)")
    shot("markup")


@case
def the_policy_stops_scripts_that_are_not_the_pages():
    page(BANK)
    with open("page.html", encoding="utf-8") as file:
        text = file.read()
    equal(re.findall(r"(?:src|href)=\"(?!#)[^\"]*", text), [])
    with open("page.html", "w", encoding="utf-8") as file:
        file.write(text.replace("<main>", "<main><script>document.title = 'ran'</script>"))
    browser.get("file://" + os.path.abspath("page.html"))
    equal(browser.title, "lockdag")
    assert any("Content Security Policy" in e["message"] for e in browser.get_log("browser"))


@case
def ten_thousand_classes_stay_usable():
    lines = ["thread A", "thread B"]
    lines += ['lock l%05d key="lib%d.so!l%05d"' % (i, i % 40, i) for i in range(10000)]
    for i in range(9999):
        lines.append("acquire A holds l%05d asks l%05d" % (i - i % 7, i + 1) if i % 7 else "acquire A asks l%05d" % i)
        lines.append("acquire A holds l%05d asks l%05d" % (i // 3, i + 1))
    lines.append("acquire B holds l09999 asks l03332")
    page("\n".join(lines) + "\n")
    contains(one("#matches").text, "10000 classes, the first 200 shown")
    equal(len(classes()), 200)
    one("#search").send_keys("l09999")
    equal(classes(), ["l09999"])
    one("#search").send_keys(Keys.ENTER)
    equal(one("#class-name").text, "l09999")
    equal(len(every("#before tr")), 2)
    one("article details summary").click()
    one("article details button").click()
    contains(one("#cut-result").text, "1 finding cleared")
    shot("big")


@case
def reports_of_the_kernel():
    needs_browser()
    status, out, err = run(
        "kernel", "--report", "html=page.html", "--report", "json=r.json", TESTS + "/kernel/samples"
    )
    equal((status, err), (0, ""))
    with open("r.json", encoding="utf-8") as file:
        wanted = len(json.load(file)["findings"])
    assert wanted > 0
    browser.get("file://" + os.path.abspath("page.html"))
    equal([entry["message"] for entry in browser.get_log("browser")], [])
    equal(len(every("article")), wanted)
    edge = one(".picture .edge")
    browser.execute_script("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", edge)
    equal(one("article details").get_attribute("open"), "true")
    one("article details button").click()
    contains(one("#cut-result").text, "of %d finding" % wanted)
    name = classes()[0]
    one("#search").send_keys(name)
    assert name in classes()
    one("#classes button").click()
    shot("kernel")


@case
def every_fixture_is_a_page_without_complaints():
    needs_browser()
    models = sorted(os.listdir(TESTS + "/report/models"))
    for name in models:
        page(TESTS + "/report/models/" + name)
        shown = len(every("article"))
        status, out, err = run("model", "--fail-on", "never", "--format", "json", TESTS + "/report/models/" + name)
        equal(shown, out.count('"grade"'))
        shot(name)


try:
    main()
finally:
    if browser:
        browser.quit()
