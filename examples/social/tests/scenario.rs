//! Logins at two certified providers on this machine, as a browser makes them.

mod browser;
#[path = "../../passkeys/tests/chromium/mod.rs"]
mod chromium;

use std::collections::BTreeMap;

use browser::{Browser, Page};
use chromium::Chromium;
use gatevault_issuers::Provider as Issuer;
use serde_json::{Value, json};
use social::{App, Provider, serve};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A server, and two providers that it trusts.
struct Fixture {
    app: String,
    one: Issuer,
    two: Issuer,
    _folder: TempDir,
}

impl Fixture {
    fn start() -> Outcome<Self> {
        Self::at("127.0.0.1")
    }

    /// Starts the server under one of the names of this machine. Browsers take them for different sites.
    fn at(host: &str) -> Outcome<Self> {
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let app = format!("http://{host}:{}", listener.local_addr()?.port());
        let keys = [json!({"generate": "P-256", "kid": "first", "alg": "ES256"})];
        let redirect = |name| format!("{app}/callback/{name}");
        let methods = json!({"acr": "phr", "amr": ["pwd", "otp"]});
        let one = Issuer::with(&keys, json!({"redirect_uri": redirect("one"), "methods": methods}));
        let two = Issuer::with(&keys, json!({"redirect_uri": redirect("two")}));
        let folder = tempfile::tempdir()?;
        let mut providers = BTreeMap::new();
        for (name, issuer) in [("one", &one), ("two", &two)] {
            let secret = gatevault_issuers::SECRET;
            let provider = Provider::new(issuer.issuer(), "app", secret, &redirect(name))?;
            providers.insert(name.to_owned(), provider);
        }
        let server = runtime.block_on(App::open(&folder.path().join("social.db"), SECRET, providers))?;
        std::thread::spawn(move || runtime.block_on(serve(listener, server)));
        Ok(Self { app, one, two, _folder: folder })
    }

    fn browser(&self) -> Browser {
        Browser::of(&self.app)
    }
}

#[test]
fn a_user_of_a_provider_logs_in_and_its_sessions_rotate_and_end() -> Outcome {
    let fixture = Fixture::start()?;
    let mut browser = fixture.browser();
    let landed = browser.log_in("one", "alice", "/notes?page=2")?;
    assert_eq!((landed.status, landed.location.as_str(), landed.body.as_str()), (303, "/notes?page=2", ""));
    assert_eq!(browser.get("/identities")?.status, 401); // the redirect carries no token
    assert_eq!(browser.post("/login")?.status, 404, "no route takes a password");
    assert_eq!(browser.refresh()?.status, 200);
    let mine = json!([[fixture.one.issuer(), "alice"]]);
    assert_eq!(browser.identities()?, mine);
    let claims = browser.claims()?;
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("phr"), &json!(["pwd", "otp"])));

    // The provider remembers its user. The second login is another session of the same account.
    let mut again = fixture.browser();
    again.log_in("one", "alice", "/")?;
    again.refresh()?;
    assert_eq!((again.identities()?, &again.claims()?["user_id"]), (mine, &claims["user_id"]));
    assert_ne!(again.claims()?["sid"], claims["sid"]);
    assert_eq!(again.get("/sessions")?.body.matches(r#""label":"one""#).count(), 2);

    let old = browser.clone();
    assert_eq!(browser.refresh()?.status, 200);
    assert_eq!(browser.post("/logout")?.status, 204);
    assert_eq!(old.clone().refresh()?.status, 401);
    assert_eq!(old.clone().get("/identities")?.status, 401);
    assert_eq!((again.refresh()?.status, again.get("/identities")?.status), (200, 200));
    browser.log_in("one", "alice", "/")?;
    assert_eq!(browser.refresh()?.status, 200);
    Ok(())
}

#[test]
fn a_provider_that_says_nothing_about_methods_leaves_them_out() -> Outcome {
    let fixture = Fixture::start()?;
    let mut browser = fixture.browser();
    browser.log_in("two", "alice", "/")?;
    browser.refresh()?;
    let claims = browser.claims()?;
    assert_eq!((&claims["acr"], &claims["amr"]), (&Value::Null, &json!([])));
    Ok(())
}

#[test]
fn first_logins_at_the_same_time_create_one_account() -> Outcome {
    let fixture = Fixture::start()?;
    let mut logins = Vec::new();
    for _ in 0..4 {
        let mut browser = fixture.browser();
        let answer = browser.answer_to_login("one", "alice", "/")?;
        logins.push((browser, answer));
    }
    let attempts = logins.into_iter().map(|(mut browser, answer)| {
        std::thread::spawn(move || -> Outcome<Value> {
            assert_eq!(browser.follow(&answer)?.status, 303);
            browser.refresh()?;
            Ok(browser.claims()?["user_id"].clone())
        })
    });
    let attempts: Vec<_> = attempts.collect();
    for attempt in attempts {
        assert_eq!(attempt.join().map_err(|_| "a login has failed")??, 1);
    }
    Ok(())
}

#[test]
fn a_person_clicks_through_the_page_from_another_site_and_back() -> Outcome {
    let fixture = Fixture::at("localhost")?;
    let mut person = Chromium::open(&fixture.app)?;
    for (provider, issuer) in [("one", &fixture.one), ("two", &fixture.two), ("one", &fixture.one)] {
        person.click(provider, &format!(r#"[["{}","alice"]]"#, issuer.issuer()))?;
        person.click("log-out", "logged out")?;
    }
    Ok(())
}

#[test]
fn a_user_is_the_issuer_and_the_subject() -> Outcome {
    let fixture = Fixture::start()?;
    let mut ids = Vec::new();
    for (provider, user) in
        [("one", "alice"), ("one", "bob"), ("two", "alice"), ("two", "bob"), ("one", "bob")]
    {
        let mut browser = fixture.browser();
        browser.log_in(provider, user, "/")?;
        browser.refresh()?;
        ids.push(browser.claims()?["user_id"].clone());
    }
    assert_eq!(ids, [1, 2, 3, 4, 2].map(Value::from));
    Ok(())
}

#[test]
fn an_answer_is_used_once_and_in_its_own_browser() -> Outcome {
    let fixture = Fixture::start()?;
    let mut attacker = fixture.browser();
    let answer = attacker.answer_to_login("one", "mallory", "/")?;
    // Login CSRF: another browser follows the attacker's link, without and with a login of its own.
    let mut victim = fixture.browser();
    assert_eq!(victim.follow(&answer)?.status, 400);
    victim.answer_to_login("one", "alice", "/")?;
    assert_eq!(victim.follow(&answer)?.status, 400);
    assert_eq!(victim.refresh()?.status, 401);

    assert_eq!(attacker.follow(&answer)?.status, 303);
    assert_eq!(attacker.follow(&answer)?.status, 400);
    Ok(())
}

#[test]
fn the_code_of_another_login_is_refused() -> Outcome {
    let fixture = Fixture::start()?;
    let (mut alice, mut mallory) = (fixture.browser(), fixture.browser());
    let stolen = alice.answer_to_login("one", "alice", "/")?;
    let own = mallory.answer_to_login("one", "mallory", "/")?;
    // PKCE: the code belongs to another verifier.
    let injected = with_parameter(&own, "code", parameter(&stolen, "code")?)?;
    assert_eq!(mallory.follow(&injected)?.status, 401);
    assert_eq!(mallory.follow(&own)?.status, 400); // the attempt has used the login up
    assert_eq!(mallory.refresh()?.status, 401);
    Ok(())
}

#[test]
fn the_answer_of_another_provider_is_refused() -> Outcome {
    let fixture = Fixture::start()?;
    let theirs = [fixture.two.issuer(), "", &format!("{}/", fixture.one.issuer())].map(encoded);
    for issuer in &theirs {
        let mut browser = fixture.browser();
        let answer = browser.answer_to_login("one", "alice", "/")?;
        let forged = with_parameter(&answer, "iss", issuer)?;
        assert_eq!(browser.follow(&forged)?.status, 401, "{issuer}");
    }
    let mut browser = fixture.browser();
    let answer = browser.answer_to_login("one", "alice", "/")?;
    let unnamed = answer.replace(&format!("&iss={}", parameter(&answer, "iss")?), "");
    assert_ne!(unnamed, answer);
    assert_eq!(browser.follow(&unnamed)?.status, 401);

    let answer = browser.answer_to_login("one", "alice", "/")?;
    assert_eq!(browser.follow(&answer.replace("/callback/one", "/callback/two"))?.status, 400);
    assert_eq!(browser.follow(&answer)?.status, 400);
    assert_eq!(browser.refresh()?.status, 401);
    Ok(())
}

#[test]
fn a_user_who_refuses_is_not_logged_in() -> Outcome {
    let fixture = Fixture::start()?;
    let mut browser = fixture.browser();
    let answer = browser.answer_to_login("one", "refuses", "/")?;
    assert_eq!(parameter(&answer, "error")?, "access_denied");
    assert_eq!((browser.follow(&answer)?.status, browser.follow(&answer)?.status), (401, 400));
    assert_eq!(browser.refresh()?.status, 401);
    Ok(())
}

#[test]
fn a_login_leads_to_paths_of_this_site_only() -> Outcome {
    let fixture = Fixture::start()?;
    let mut browser = fixture.browser();
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "evil",
        "",
        "/a\r\nb: c",
    ] {
        let page = browser.get(&format!("/login/one?next={}", encoded(next)))?;
        assert_eq!((page.status, page.location.as_str()), (400, ""), "{next:?}");
    }
    assert_eq!(browser.get("/login/three")?.status, 404);
    assert_eq!(browser.get("/callback/three?state=a")?.status, 400);
    Ok(())
}

#[test]
fn an_outage_and_new_keys_of_a_provider_are_survived() -> Outcome {
    let mut fixture = Fixture::start()?;
    fixture.one.kill();
    let mut browser = fixture.browser();
    let page: Page = browser.get("/login/one")?;
    assert_eq!(page.status, 503);
    fixture.one.start_again(&[json!({"generate": "P-256", "kid": "second", "alg": "ES256"})]);
    assert_eq!(browser.log_in("one", "alice", "/")?.status, 303);

    // Keys that were not announced cost one login.
    let answer = {
        fixture.one.start_again(&[json!({"generate": "P-256", "kid": "third", "alg": "ES256"})]);
        browser.forget(fixture.one.issuer());
        browser.answer_to_login("one", "alice", "/")?
    };
    assert_eq!(browser.follow(&answer)?.status, 401);
    assert_eq!(browser.log_in("one", "alice", "/")?.status, 303);
    fixture.one.kill();
    assert_eq!(browser.refresh()?.status, 200); // sessions need no provider
    Ok(())
}

/// The module is repeated, so that a copied folder lacks nothing. The test of its bounds is in `passkeys`.
#[test]
fn the_examples_have_the_same_module_of_pending_logins() {
    assert_eq!(include_str!("../src/pending.rs"), include_str!("../../passkeys/src/pending.rs"));
}

#[test]
fn the_guide_shows_this_program() {
    let page = include_str!("../../../gatevault/src/guide/social_login.md");
    let sources = [include_str!("../src/login.rs"), include_str!("../src/schema.sql")].concat();
    for block in page.split("```").skip(1).step_by(2) {
        let (_, code) = block.split_once('\n').unwrap_or_default();
        let code = code.trim_end();
        assert!(sources.contains(code), "not in the program:\n{code}");
    }
}

/// Returns a parameter of a URL, as it is written there.
fn parameter<'u>(url: &'u str, name: &str) -> Outcome<&'u str> {
    let (_, query) = url.split_once('?').ok_or("no query")?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Ok(pairs.find(|(other, _)| *other == name).ok_or_else(|| format!("no {name}: {url}"))?.1)
}

fn with_parameter(url: &str, name: &str, value: &str) -> Outcome<String> {
    let old = format!("{name}={}", parameter(url, name)?);
    Ok(url.replace(&old, &format!("{name}={value}")))
}

/// Percent-encodes each byte.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |done, byte| format!("{done}%{byte:02X}"))
}
