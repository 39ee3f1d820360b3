//! `POST /register` and `POST /password`.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use gatevault_web_tests::{PASSWORD, Reply, Request, User, key_token, mint_foreign, new_key};
use serde_json::{Value, json};

use crate::browser::{Browser, CSRF, credentials};

const FORM: &str = "application/x-www-form-urlencoded";
const NEW: &str = "another battery & staple";

/// Returns a name that no other test registers.
pub(crate) fn new_name() -> String {
    static NAMES: AtomicUsize = AtomicUsize::new(0);
    format!("newcomer {}", NAMES.fetch_add(1, Ordering::Relaxed))
}

fn register(server: SocketAddr, path: &str, body: &Value) -> Reply {
    Request::post(path).json(body).send(server)
}

/// Registers a user of a new name, and returns it beside the browser.
pub(crate) fn registered(server: SocketAddr) -> (String, Browser) {
    let name = new_name();
    let reply = register(server, "/register", &credentials(&name, PASSWORD));
    assert_eq!(reply.status, 201, "{reply:?}");
    (name, Browser::after(server, &reply))
}

fn logs_in(server: SocketAddr, name: &str, password: &str) -> bool {
    let status = Request::post("/login").json(&credentials(name, password)).send(server).status;
    assert!(matches!(status, 200 | 401), "{status}");
    status == 200
}

pub(crate) fn a_registration_adds_a_user_and_begins_a_session_as_a_login_does(server: SocketAddr) {
    let (name, labelled) =
        (new_name(), json!({ "username": new_name(), "password": PASSWORD, "label": "laptop" }));
    let form =
        format!("username={}&password=correct+horse+%26%20battery&label=laptop", name.replace(' ', "+"));
    let form = Request::post("/register").header("Content-Type", FORM).body(form).send(server);
    for reply in [register(server, "/register", &labelled), form] {
        assert_eq!((reply.status, reply.header("cache-control")), (201, "no-store"), "{reply:?}");
        assert_eq!(
            (&reply.json()["token_type"], &reply.json()["expires_in"]),
            (&"bearer".into(), &900.into())
        );
        assert_eq!((reply.cookies().len(), &reply.json()["refresh_token"]), (2, &Value::Null));
        assert_eq!(reply.json()["csrf_token"], reply.cookie(CSRF));
        let browser = Browser::after(server, &reply);
        assert_eq!(browser.refresh().profile().status, 200);
        let sessions = Request::get("/sessions").bearer(&browser.access).send(server).json();
        assert_eq!(
            (&sessions["sessions"][0]["label"], &sessions["sessions"][1]),
            (&"laptop".into(), &Value::Null)
        );
    }
    assert!(logs_in(server, &name, PASSWORD) && !logs_in(server, &name, "wrong password"));
}

pub(crate) fn a_client_without_cookies_registers_and_gets_both_tokens(server: SocketAddr) {
    let reply = register(server, "/api/register", &credentials(&new_name(), PASSWORD));
    assert_eq!((reply.status, reply.cookies().len()), (201, 0), "{reply:?}");
    let refresh = json!({ "refresh_token": reply.json()["refresh_token"] });
    assert_eq!(Request::post("/api/refresh").json(&refresh).send(server).status, 200);
}

pub(crate) fn a_refused_registration_says_what_is_wrong_and_adds_no_user(server: SocketAddr) {
    let name = new_name();
    for (body, status, detail) in [
        (json!({ "username": name }), 400, "the field `password` is missing"),
        (json!({ "password": PASSWORD }), 400, "the field `username` is missing"),
        (json!({ "username": 7, "password": PASSWORD }), 400, "the field `username` is not a string"),
        (json!({ "username": name, "password": [] }), 400, "the field `password` is not a string"),
        (
            json!({ "username": name, "password": PASSWORD, "label": 7 }),
            400,
            "the field `label` is not a string",
        ),
        (credentials("", PASSWORD), 422, "the field `username` is blank"),
        (credentials(" \t", PASSWORD), 422, "the field `username` is blank"),
        (credentials("ad\0a", PASSWORD), 422, "the field `username` has a character that cannot be stored"),
        (credentials(&name, ""), 422, "the password has 0 characters and needs at least 8"),
        (credentials(&name, "größte!"), 422, "the password has 7 characters and needs at least 8"),
        (credentials(&name, &"x".repeat(73)), 422, "the password has 73 bytes and may have 72 at most"),
        (credentials(&name, "correct\0horse"), 422, "the password contains a NUL character"),
    ] {
        let reply = register(server, "/register", &body);
        assert_eq!((reply.status, &reply.json()["detail"]), (status, &detail.into()), "{body}: {reply:?}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert!(reply.cookies().is_empty(), "{reply:?}");
    }
    let xml = Request::post("/register").header("Content-Type", "text/xml").body("x").send(server);
    assert_eq!(xml.status, 415, "{xml:?}");
    let large = credentials(&name, &"x".repeat(100_000));
    assert_eq!(register(server, "/register", &large).status, 413);
    let longest = "x".repeat(72);
    assert_eq!(register(server, "/register", &credentials(&name, &longest)).status, 201);
    assert!(logs_in(server, &name, &longest));
}

pub(crate) fn a_taken_name_is_a_conflict_in_every_spelling(server: SocketAddr) {
    let (name, _) = registered(server);
    let reply = register(server, "/register", &credentials(&name, NEW));
    assert_eq!((reply.status, &reply.json()["detail"]), (409, &"the name is taken".into()), "{reply:?}");
    assert!(reply.cookies().is_empty() && !logs_in(server, &name, NEW) && logs_in(server, &name, PASSWORD));
    let spelled = format!("  {} ", name.to_uppercase());
    assert_eq!(register(server, "/proxied/register", &credentials(&spelled, NEW)).status, 409);
    let other = new_name();
    let spelled = format!("  {} ", other.to_uppercase());
    assert_eq!(register(server, "/proxied/register", &credentials(&spelled, NEW)).status, 201);
    assert!(logs_in(server, &other, NEW));
}

pub(crate) fn of_registrations_of_one_name_at_once_exactly_one_succeeds(server: SocketAddr) {
    let name = new_name();
    let attempts: Vec<_> = (0..4)
        .map(|number| {
            let body = credentials(&name, &format!("{PASSWORD} {number}"));
            thread::spawn(move || register(server, "/register", &body).status)
        })
        .collect();
    let mut statuses: Vec<_> = attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

/// It would log the visitor in to the attacker's account.
pub(crate) fn a_page_of_another_site_registers_no_user(server: SocketAddr) {
    let ask = |path: &str, site: &str, is_form: bool| {
        let (name, request) = (new_name(), Request::post(path).header("Sec-Fetch-Site", site));
        let form = format!("username={}&password=correct+horse", name.replace(' ', "+"));
        let request = if is_form {
            request.header("Content-Type", FORM).body(form)
        } else {
            request.json(&credentials(&name, "correct horse"))
        };
        let status = request.send(server).status;
        (status, logs_in(server, &name, "correct horse"))
    };
    for (site, is_form) in [("cross-site", false), ("cross-site", true), ("same-site", true)] {
        assert_eq!(ask("/register", site, is_form), (403, false), "{site}");
    }
    assert_eq!(ask("/register", "same-site", false), (201, true));
    assert_eq!(ask("/members/auth/register", "same-site", true), (403, false));
    assert_eq!(ask("/api/register", "cross-site", false), (201, true), "no cookies");
}

pub(crate) fn a_registration_form_of_pages_leads_to_the_page_and_a_failure_to_the_login_page(
    server: SocketAddr,
) {
    let name = new_name().replace(' ', "+");
    let submit = |name: &str, password: &str| {
        let body = format!("username={name}&password={password}&next=/members/hello?x");
        Request::post("/members/auth/register").header("Content-Type", FORM).body(body).send(server)
    };
    let reply = submit(&name, "correct+horse");
    assert_eq!((reply.status, reply.header("location")), (303, "/members/hello?x"), "{reply:?}");
    assert_eq!(reply.cookies().len(), 3);
    for (name, password, error) in [
        (name.as_str(), "correct+horse", "taken"),
        ("", "correct+horse", "name"),
        ("%00", "correct+horse", "name"),
        ("another+name", "short", "password"),
    ] {
        let reply = submit(name, password);
        let expected = format!("/enter?error={error}&next=/members/hello%3Fx");
        assert_eq!((reply.status, reply.header("location")), (303, expected.as_str()), "{reply:?}");
        assert!(reply.cookies().is_empty());
    }
    let json = register(server, "/members/auth/register", &credentials(&new_name(), PASSWORD));
    assert_eq!((json.status, json.cookies().len()), (201, 3), "{json:?}");
}

fn change(server: SocketAddr, access: &str, current: &str, new: &str) -> Reply {
    let body = json!({ "current_password": current, "new_password": new });
    Request::post("/password").bearer(access).json(&body).send(server)
}

pub(crate) fn a_password_change_ends_the_other_sessions_and_keeps_the_callers(server: SocketAddr) {
    let (name, browser) = registered(server);
    let login = Request::post("/login").json(&credentials(&name, PASSWORD)).send(server);
    let phone = Browser::after(server, &login);
    let api = Request::post("/api/login").json(&credentials(&name, PASSWORD)).send(server).json();
    let reply = change(server, &browser.access, PASSWORD, NEW);
    assert_eq!((reply.status, reply.body.as_str(), reply.cookies().len()), (204, "", 0), "{reply:?}");
    assert_eq!(phone.profile().status, 401);
    assert_eq!(phone.post("/refresh").send(server).status, 401);
    let refresh = json!({ "refresh_token": api["refresh_token"] });
    assert_eq!(Request::post("/api/refresh").json(&refresh).send(server).status, 401);
    assert_eq!(browser.profile().status, 200);
    let browser = browser.refresh();
    assert!(!logs_in(server, &name, PASSWORD) && logs_in(server, &name, NEW));
    let form = "current_password=another+battery+%26+staple&new_password=another+battery+%26+staple";
    let form = Request::post("/api/password").bearer(&browser.access).header("Content-Type", FORM).body(form);
    assert_eq!(form.send(server).status, 204, "the same password is allowed");
    assert_eq!(browser.refresh().profile().status, 200);
}

pub(crate) fn of_two_password_changes_at_once_one_succeeds_and_keeps_its_session(server: SocketAddr) {
    let (name, first) = registered(server);
    let login = Request::post("/login").json(&credentials(&name, PASSWORD)).send(server);
    let second = Browser::after(server, &login);
    let changes = [(first, "the first password"), (second, "the second password")].map(|(browser, new)| {
        thread::spawn(move || (change(server, &browser.access, PASSWORD, new).status, browser, new))
    });
    let mut outcomes = changes.map(|change| change.join().unwrap());
    outcomes.sort_by_key(|(status, ..)| *status);
    let [(204, winner, new), (401 | 403, loser, other)] = outcomes else { panic!("{outcomes:?}") };
    assert_eq!(loser.profile().status, 401);
    assert_eq!(loser.post("/refresh").send(server).status, 401);
    assert_eq!(winner.profile().status, 200);
    assert_eq!(winner.refresh().profile().status, 200);
    let logins = [PASSWORD, other, new].map(|password| logs_in(server, &name, password));
    assert_eq!(logins, [false, false, true]);
}

pub(crate) fn a_password_change_needs_an_access_token_of_a_login_and_the_current_password(
    server: SocketAddr,
) {
    let (name, browser) = registered(server);
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    let cookies_only = browser.post("/password").json(&body).send(server);
    assert_eq!((cookies_only.status, cookies_only.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(change(server, &browser.refresh, PASSWORD, NEW).status, 401);
    assert_eq!(change(server, &mint_foreign(&User::member(1)), PASSWORD, NEW).status, 403);
    let no_password = Request::post("/password").json(&body).send(server);
    assert_eq!(no_password.status, 401);
    for (current, new, status, detail) in [
        ("wrong", NEW, 403, "the current password is wrong"),
        ("", NEW, 403, "the current password is wrong"),
        (&*"x".repeat(73), NEW, 403, "the current password is wrong"),
        (PASSWORD, "", 422, "the password has 0 characters and needs at least 8"),
        (PASSWORD, "1234567", 422, "the password has 7 characters and needs at least 8"),
        (PASSWORD, &"x".repeat(73), 422, "the password has 73 bytes and may have 72 at most"),
        (PASSWORD, "correct\0horse", 422, "the password contains a NUL character"),
    ] {
        let reply = change(server, &browser.access, current, new);
        assert_eq!((reply.status, &reply.json()["detail"]), (status, &detail.into()), "{new}: {reply:?}");
    }
    for (body, detail) in [
        (json!({ "current_password": PASSWORD }), "the field `new_password` is missing"),
        (json!({ "new_password": NEW }), "the field `current_password` is missing"),
        (
            json!({ "current_password": 7, "new_password": NEW }),
            "the field `current_password` is not a string",
        ),
    ] {
        let reply = Request::post("/password").bearer(&browser.access).json(&body).send(server);
        assert_eq!((reply.status, &reply.json()["detail"]), (400, &detail.into()), "{reply:?}");
    }
    assert!(logs_in(server, &name, PASSWORD) && browser.profile().status == 200);
}

/// A script must not take over the account, whichever scopes its key has.
pub(crate) fn the_token_of_an_api_key_changes_no_password_and_ends_no_session(server: SocketAddr) {
    let key = new_key(&[]);
    let access = key_token(&key.key);
    let change = json!({ "current_password": PASSWORD, "new_password": PASSWORD });
    assert_eq!(Request::post("/keys/password").bearer(&access).json(&change).send(server).status, 403);
    for query in ["", "?others"] {
        let end = Request::new("DELETE", &format!("/keys/sessions{query}")).bearer(&access).send(server);
        assert_eq!(end.status, 403, "{end:?}");
    }
}

/// A stolen token allows no more guesses than the login of its account has.
pub(crate) fn guesses_at_the_current_password_have_to_wait(server: SocketAddr) {
    let (name, browser) = registered(server);
    let statuses = [(); 5].map(|()| change(server, &browser.access, "a wrong guess", NEW).status);
    assert_eq!(statuses, [403; 5]);
    let reply = change(server, &browser.access, PASSWORD, NEW);
    assert_eq!((reply.status, reply.header("retry-after")), (429, "1"), "{reply:?}");
    let login = Request::post("/login").json(&credentials(&name, PASSWORD)).send(server);
    assert_eq!(login.status, 429, "the login shares the counter");
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(change(server, &browser.access, PASSWORD, NEW).status, 204);
    assert_eq!(change(server, &browser.access, "a wrong guess", NEW).status, 403, "a success starts again");
}

pub(crate) fn registrations_from_one_address_have_to_wait(server: SocketAddr) {
    let register_from = |address: &str, name: &str| {
        let request = Request::post("/proxied/register").header("X-Forwarded-For", address);
        request.json(&credentials(name, PASSWORD)).send(server)
    };
    let taken = new_name();
    for number in 0..20 {
        let (name, status) = match number % 5 {
            1..5 => (new_name(), 201),
            _ if number == 0 => (taken.clone(), 201),
            _ => (taken.clone(), 409),
        };
        assert_eq!(register_from("203.0.113.70", &name).status, status, "{number}");
    }
    let reply = register_from("203.0.113.70", &new_name());
    assert_eq!(reply.status, 429, "{reply:?}");
    assert_eq!(register_from("203.0.113.71", &new_name()).status, 201);
}
