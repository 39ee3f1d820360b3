//! Stored hashes that cannot be verified: each is a warning with its reason, and never with the hash or the password.

use gatevault::password::Argon2Params;
use gatevault::{AuthUser as _, OAuthHandler, PasswordHasher, async_verify_password, verify_password};
use gatevault_tests::{Account, quick_hasher, tokens};
use tokio::runtime::Builder;

use crate::accounts::{Accounts, logins};
use crate::kinds::KINDS;
use crate::log::warnings;

const LEGACY: &str = "; `PasswordHasherBuilder::legacy` verifies hashes of other systems";

#[test]
fn each_kind_of_unreadable_hash_is_one_warning_with_its_reason() {
    for (stored, reason) in KINDS {
        let (is_match, lines) = warnings(|| verify_password("a password", stored));
        assert!(!is_match, "{stored}");
        let [line] = lines.as_slice() else { panic!("{lines:?} for {stored}") };
        let expected = format!("message=stored hash unreadable reason={reason}");
        assert!(line.starts_with(&expected), "{line} for {stored}");
        assert!(line.ends_with(LEGACY) || !line.contains("unknown format"), "{line}");
    }
}

#[test]
fn the_reason_of_each_kind_is_known_without_a_password_and_a_warning() {
    let hasher = PasswordHasher::default();
    for (stored, reason) in KINDS {
        let (found, lines) = warnings(|| hasher.unreadable_reason(stored));
        assert!(found.is_some_and(|found| found.starts_with(reason)), "{reason} for {stored}");
        assert!(lines.is_empty(), "{lines:?}");
    }
    let legacy =
        PasswordHasher::builder().legacy(|_, stored| (stored == "old").then_some(false)).build().unwrap();
    assert_eq!((legacy.unreadable_reason("old"), hasher.unreadable_reason("old").is_some()), (None, true));
    let readable = quick_hasher().hash("a password").unwrap();
    assert_eq!(hasher.unreadable_reason(&readable), None);
}

#[test]
fn a_bcrypt_hash_verifies_once_the_spare_bits_of_its_salt_are_cleared() {
    // The repair of Passlib's issue 25: the 22nd character of the salt keeps its two highest bits.
    let stored = "$2a$12$oaQbBqq8JnSM1NHRPQGXORm4GCUMqp7meTnkft4zgSnrbhoKdDV0C";
    let (is_match, lines) = warnings(|| verify_password("loppux", &stored.replace("GXORm4", "GXOOm4")));
    assert!(is_match && lines.is_empty(), "{lines:?}");
}

#[test]
fn each_form_of_a_direct_call_logs_one_warning_without_a_user() {
    let hasher = quick_hasher();
    let runtime = Builder::new_current_thread().build().unwrap();
    let calls: [&dyn Fn() -> bool; 5] = [
        &|| hasher.verify("a password", "junk"),
        &|| hasher.verify_and_update("a password", "junk").is_match(),
        &|| runtime.block_on(async_verify_password("a password", "junk")).unwrap(),
        &|| runtime.block_on(hasher.async_verify("a password", "junk")).unwrap(),
        &|| runtime.block_on(hasher.async_verify_and_update("a password", "junk")).unwrap().is_match(),
    ];
    for call in calls {
        let (is_match, lines) = warnings(call);
        assert!(!is_match && lines.len() == 1, "{lines:?}");
        assert!(!lines.concat().contains("user="), "{lines:?}");
    }
}

#[test]
fn a_login_in_each_form_logs_the_user_and_the_reason_once_and_answers_as_to_a_wrong_password() {
    let wrong = denial_of("$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
    for (stored, reason) in KINDS {
        let accounts = Accounts::with("ada", 42, stored);
        for (form, login) in logins(&accounts, &quick_hasher()) {
            let (denial, lines) = warnings(|| login("ada", "a password").unwrap_err());
            assert_eq!(format!("{denial:?}"), wrong, "{form}");
            let [line] = lines.as_slice() else { panic!("{lines:?} for {stored} with {form}") };
            let expected = format!("message=stored hash unreadable user=42 reason={reason}");
            assert!(line.starts_with(&expected), "{line} for {stored} with {form}");
        }
        assert_eq!(accounts.hash_of("ada"), *stored);
    }
}

/// Returns the denial of a login with a wrong password.
fn denial_of(stored: &str) -> String {
    let [(_, login), ..] = logins(&Accounts::with("ada", 42, stored), &quick_hasher());
    format!("{:?}", login("ada", "a password").unwrap_err())
}

#[test]
fn neither_the_hash_nor_the_password_is_logged() {
    let long = "0123456789abcdef".repeat(1 << 16);
    let long_bcrypt = format!("$2b$05${long}");
    let long_argon2 = format!("$argon2id$v=19$m=16,t=2,p=1${long}$x");
    let long_spaces = format!(" {long}");
    for stored in ["hunter2hunter2", "$2b$05$hunter2", &long, &long_bcrypt, &long_argon2, &long_spaces] {
        let (_, direct) = warnings(|| verify_password("hunter2", stored));
        let accounts = Accounts::with("ada", 42, stored);
        let (_, of_logins) =
            warnings(|| logins(&accounts, &quick_hasher()).map(|(_, login)| login("ada", "hunter2")));
        let lines = [direct, of_logins].concat();
        assert_eq!(lines.len(), 5);
        for line in lines {
            assert!(line.len() < 200 && !line.contains("hunter2") && !line.contains("abcdef"), "{line}");
        }
    }
}

#[test]
fn each_unreadable_hash_of_a_user_is_reported_once_by_a_handler() {
    let accounts = Accounts::with("ada", 42, "junk");
    let [(_, login), ..] = logins(&accounts, &quick_hasher());
    let attempts = |count| warnings(|| (0..count).all(|_| login("ada", "a password").is_err())).1.len();
    assert_eq!((attempts(3), attempts(3)), (1, 0));
    accounts.set("ada", "other junk");
    assert_eq!(attempts(3), 1);
    accounts.set("ada", &quick_hasher().hash("a password").unwrap());
    assert!(login("ada", "a password").is_ok());
}

#[test]
fn a_wrong_password_an_unknown_user_and_a_readable_hash_log_no_warning() {
    let stored = quick_hasher().hash("correct horse").unwrap();
    let accounts = Accounts::with("ada", 42, &stored);
    for (form, login) in logins(&accounts, &quick_hasher()) {
        let ((), lines) = warnings(|| {
            assert!(login("ada", "correct horse").is_ok());
            for (name, password) in
                [("ada", "wrong"), ("bob", "correct horse"), ("ada", &"x".repeat(73)), ("ada", "\0")]
            {
                assert!(login(name, password).is_err());
            }
        });
        assert!(lines.is_empty(), "{lines:?} with {form}");
    }
    let (_, lines) = warnings(|| verify_password(&"x".repeat(100), &stored));
    assert!(lines.is_empty(), "{lines:?}");
}

#[test]
fn the_user_is_escaped() {
    let account = Account { id: "ada\nlogged in user=1".into(), hash: "junk".to_owned() };
    let id = format!("{:?}", account.id());
    let oauth = OAuthHandler::new(tokens(), move |_: &str| Some(account.clone())).hasher(quick_hasher());
    let (_, lines) = warnings(|| oauth.login("ada", "a password").unwrap_err());
    assert!(lines.concat().contains(&format!("user={id}")) && !lines.concat().contains('\n'), "{lines:?}");
}

#[test]
fn the_reason_names_the_ceiling_of_the_hasher() {
    let params = Argon2Params { memory_kib: 16, iterations: 3, parallelism: 1 };
    let hasher =
        PasswordHasher::builder().cost(4).cost_ceiling(4).argon2_ceiling(params).argon2id_with(params);
    let hasher = hasher.build().unwrap();
    for (stored, reason) in [
        ("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "bcrypt cost 5 > 4"),
        (
            "$argon2id$v=19$m=17,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
            "argon2id memory_kib 17 > 16",
        ),
    ] {
        let (_, lines) = warnings(|| hasher.verify("a password", stored));
        assert!(lines.concat().contains(reason), "{lines:?}");
    }
}
