//! How the page looks: its log, code, colors and widths.

use serde_json::Value;

use crate::person::Person;

#[tokio::test]
async fn a_call_is_one_line_of_the_log_with_the_verdict_first_and_details_on_request() {
    let lou = Person::with_a_desktop().await;
    lou.registers("lou", false).await;
    lou.calls("invite").await;
    // The log has the calls of the other tests as well. The outcome links to the line of its own call.
    let outcome = "#card-invite .result a";
    let href =
        lou.evaluates(&format!("return document.querySelector('{outcome}').getAttribute('href')")).await;
    let line = href.as_str().unwrap_or_default();
    let text = lou.reads(&format!("{line} summary")).await;
    assert!(text.starts_with("denied 403") && text.contains("payload.role >= Role::Admin"), "{text}");
    let details = format!("return document.querySelector('{line} details').open");
    assert_eq!(lou.evaluates(&details).await, false);
    lou.clicks(outcome).await;
    assert_eq!(lou.evaluates(&details).await, true);
    lou.sees(&format!("{line} dl"), "demo::policies::functions::invite").await;
    let newest_first = "const numbers = [...document.querySelectorAll('#log > li')].map(({ id }) => Number(id.split('-')[1])); \
                        return numbers.length > 1 && numbers.every((number, at) => at === 0 || number < numbers[at - 1])";
    assert_eq!(lou.evaluates(newest_first).await, true);
    lou.takes_a_picture("#log-panel", "16-log").await;
    lou.leaves().await;
}

#[tokio::test]
async fn on_a_phone_the_last_verdict_is_in_view_and_opens_the_log() {
    let zoe = Person::with_a_phone().await;
    zoe.registers("zoe", false).await;
    // The log has the calls of the other tests as well, so the verdicts are kept as they change.
    zoe.evaluates(
        "window.seen = []; \
         const see = () => window.seen.push(document.getElementById('last').innerText, document.getElementById('announcer').textContent); \
         new MutationObserver(see).observe(document.getElementById('announcer'), { childList: true })",
    )
    .await;
    zoe.calls("invite").await;
    let seen = "return window.seen.some((text) => text.startsWith('denied 403') && text.endsWith('invite')) \
                && window.seen.includes('denied 403: invite. payload.role >= Role::Admin')";
    zoe.wait_for("the verdict in the bar, and what a screen reader reads", seen).await;
    let in_view = "const { top, bottom } = document.querySelector('#log-toggle').getBoundingClientRect(); \
                   return top >= 0 && bottom <= innerHeight";
    assert_eq!(zoe.evaluates(in_view).await, true);
    assert_eq!(zoe.evaluates("return document.querySelector('#log').checkVisibility()").await, false);
    zoe.clicks("#log-toggle").await;
    zoe.sees("#log", "denied 403").await;
    zoe.takes_a_picture("#log-panel", "17-phone-log").await;
    zoe.clicks("#log-toggle").await;
    assert_eq!(zoe.evaluates("return document.querySelector('#log').checkVisibility()").await, false);
    zoe.leaves().await;
}

#[tokio::test]
async fn code_scrolls_and_the_page_does_not() {
    for person in [Person::with_a_desktop().await, Person::with_a_phone().await] {
        person.clicks("#as-ada").await;
        person.sees("#who", "ada").await;
        let fits = "return document.documentElement.scrollWidth <= innerWidth";
        assert_eq!(person.evaluates(fits).await, true);
        let scrolls = "return [...document.querySelectorAll('pre')].some(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)";
        assert_eq!(person.evaluates(scrolls).await, true);
        // As many lines as the source has: none is broken.
        let whole = "return [...document.querySelectorAll('pre code')].every((code) => { \
                       const lines = code.textContent.split('\\n').length; \
                       const height = Number.parseFloat(getComputedStyle(code.parentElement).lineHeight); \
                       return Math.round((code.parentElement.scrollHeight - 24) / height) <= lines + 1; })";
        assert_eq!(person.evaluates(whole).await, true);
        person.leaves().await;
    }
}

#[tokio::test]
async fn a_pointer_darkens_a_button() {
    let dot = Person::with_a_desktop().await;
    for dark in [false, true] {
        if dark {
            dot.in_the_dark().await;
        }
        for button in ["#as-ada", "#log-in button", "#passkey-login"] {
            let color = format!(
                "const canvas = document.createElement('canvas').getContext('2d', {{ willReadFrequently: true }}); \
                 canvas.fillStyle = getComputedStyle(document.querySelector('{button}')).backgroundColor; \
                 canvas.fillRect(0, 0, 1, 1); \
                 return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).reduce((sum, value) => sum + value)"
            );
            dot.points_at("h1").await;
            let before = dot.evaluates(&color).await.as_u64();
            dot.points_at(button).await;
            let after = dot.evaluates(&color).await.as_u64();
            assert!(after < before, "{button}: {before:?} to {after:?}, dark: {dark}");
        }
    }
    dot.leaves().await;
}

#[tokio::test]
async fn every_text_has_the_contrast_that_wcag_asks_for() {
    let cat = Person::with_a_desktop().await;
    cat.has_an_authenticator().await;
    check_contrast(&cat).await;
    cat.registers("cat", false).await;
    cat.calls("profile").await;
    cat.calls("export").await;
    cat.clicks("#new-key button").await;
    cat.sees("#key-list code", "demo_").await;
    check_contrast(&cat).await;
    cat.leaves().await;
}

/// Compares each text with the color behind it, by day and in the dark (WCAG 2.2, 1.4.3: 4.5 to 1).
async fn check_contrast(person: &Person) {
    for dark in [false, true] {
        if dark {
            person.in_the_dark().await;
        }
        let poor = person.evaluates(CONTRAST).await;
        assert_eq!(poor, Value::Array(Vec::new()), "dark: {dark}");
    }
    person.in_the_light().await;
}

const CONTRAST: &str = r"
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const rgba = (color) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const luminance = (color) => {
  const [r, g, b] = color.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = rgba(getComputedStyle(at).backgroundColor);
    if (color[3] === 255) return color.slice(0, 3);
  }
  return [255, 255, 255];
};
const poor = new Set();
for (const element of document.querySelectorAll('body *')) {
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!hasText || !element.checkVisibility() || element.closest(':disabled, .hidden-text, .skip, svg')) continue;
  const [one, other] = [rgba(getComputedStyle(element).color).slice(0, 3), behind(element)].map(luminance).sort((a, b) => b - a);
  const ratio = (one + 0.05) / (other + 0.05);
  if (ratio < 4.5) poor.add(`${element.tagName} ${element.id} ${element.className} ${element.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`);
}
return [...poor];
";
