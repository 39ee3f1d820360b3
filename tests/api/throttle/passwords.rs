//! Passwords at the limits of the schemes.

use gatevault::{OAuthHandler, PasswordHasher, password::Argon2Params};
use gatevault_tests::{Account, Recorder, quick_hasher, tokens};
use tracing::Level;

/// Passwords of up to 72 bytes, which bcrypt hashes whole, and longer ones or ones with a NUL, which it does not.
fn passwords() -> [String; 8] {
    let letters = |count| "x".repeat(count);
    let two_bytes = "é".repeat(36);
    [
        letters(72),
        letters(73),
        two_bytes.clone(),
        format!("{two_bytes}x"),
        format!("{}é", letters(71)),
        format!("{}\u{1f4f1}", letters(68)),
        "correct\0horse".to_owned(),
        letters(4096),
    ]
}

fn status_and_events(
    oauth: &OAuthHandler<impl gatevault::SyncUserStore>,
    password: &str,
) -> (u16, Vec<String>) {
    let recorder = Recorder::default();
    let login = || oauth.login("ada", password).map_or_else(|denial| denial.status(), |_| 200);
    let status = tracing::subscriber::with_default(recorder.clone(), login);
    let lines = recorder.lines().into_iter();
    let failed = lines.filter(|(level, line)| *level == Level::INFO && line.contains("login failed"));
    (status, failed.map(|(_, line)| line).collect())
}

#[test]
fn a_password_logs_in_if_it_can_be_hashed_and_its_neighbors_are_one_failed_login_each() {
    let argon2 = Argon2Params { memory_kib: 8, iterations: 1, parallelism: 1 };
    let argon2 = || PasswordHasher::builder().cost(4).argon2id_with(argon2);
    let legacy = |plain: &str, stored: &str| stored.strip_prefix("plain:").map(|right| right == plain);
    for hasher in [
        quick_hasher(),
        argon2().build().unwrap(),
        argon2().replacing_bcrypt().build().unwrap(),
        PasswordHasher::builder().cost(4).legacy(legacy).build().unwrap(),
    ] {
        for password in passwords() {
            let hash = hasher.hash(&password);
            let is_hashed = hash.is_ok();
            let hash = hash.unwrap_or_else(|_| hasher.hash("another").unwrap());
            let find = move |_: &str| Some(Account { id: 1.into(), hash: hash.clone() });
            let oauth = OAuthHandler::new(tokens(), find).hasher(hasher.clone()).throttle(super::in_memory());
            let mut shorter = password.clone();
            shorter.pop();
            for guess in [format!("{password}x"), format!("{password}\0"), shorter] {
                let (status, events) = status_and_events(&oauth, &guess);
                assert_eq!((status, events.len()), (401, 1), "{guess:?}: {events:?}");
            }
            let (status, events) = status_and_events(&oauth, &password);
            let expected = if is_hashed { (200, 0) } else { (401, 1) };
            assert_eq!((status, events.len()), expected, "{password:?}: {events:?}");
        }
    }
}
