//! `GUARDS` says what is checked: each function of many combinations of blocks admits the tokens that its record describes.

use std::time::Duration;

use gatevault::guard::GuardRecord;
use gatevault::{Payload, TokenManager, guarded, protected};
use gatevault_tests::timed;

use crate::Answer;

type Function = fn(&str, &TokenManager) -> Answer;

/// The functions of a module with their records.
struct Block {
    records: &'static [GuardRecord],
    functions: [Function; 6],
}

macro_rules! blocks {
    ($($module:ident: [$($outer:tt)*] [$($inner:tt)*])+) => {
        $(
            #[guarded(gate = tokens, $($outer)*)]
            mod $module {
                use super::{Answer, TokenManager, guarded, protected};

                #[guarded($($inner)*)]
                pub(super) mod inner {
                    use super::{Answer, TokenManager, protected};

                    #[protected]
                    pub(crate) fn plain(token: &str, tokens: &TokenManager) -> Answer {
                        Ok(u64::from(token.is_empty()))
                    }

                    #[protected(role = "a")]
                    pub(crate) fn role(token: &str, tokens: &TokenManager) -> Answer {
                        Ok(u64::from(token.is_empty()))
                    }

                    #[protected(any_role("b", "c"))]
                    pub(crate) fn any_role(token: &str, tokens: &TokenManager) -> Answer {
                        Ok(u64::from(token.is_empty()))
                    }

                    #[protected(scopes("x", "y"))]
                    pub(crate) fn scopes(token: &str, tokens: &TokenManager) -> Answer {
                        Ok(u64::from(token.is_empty()))
                    }

                    #[protected(any_scope("x", "z"), max_age = "20m")]
                    pub(crate) fn any_scope(token: &str, tokens: &TokenManager) -> Answer {
                        Ok(u64::from(token.is_empty()))
                    }
                }

                #[protected(max_age = "5m")]
                pub(super) fn beside(token: &str, tokens: &TokenManager) -> Answer {
                    Ok(u64::from(token.is_empty()))
                }
            }
        )+

        fn blocks() -> Vec<Block> {
            vec![$(Block {
                records: $module::GUARDS,
                functions: [
                    $module::inner::plain,
                    $module::inner::role,
                    $module::inner::any_role,
                    $module::inner::scopes,
                    $module::inner::any_scope,
                    $module::beside,
                ],
            }),+]
        }
    };
}

blocks! {
    nothing: [] []
    inner_role: [] [role = "b"]
    inner_age: [] [max_age = "5m"]
    outer_role: [role = "a"] []
    two_roles: [role = "a"] [any_role("a", "b")]
    two_other_roles: [any_role("a", "b")] [role = "b"]
    role_and_scope: [role = "a"] [scope = "x"]
    scope_and_role: [any_scope("x", "y")] [any_role("a", "c")]
    two_scopes: [scope = "y"] [any_scope("x", "z")]
    shorter_inside: [max_age = "20m"] [max_age = "5m"]
    shorter_outside: [max_age = "5m"] [max_age = "20m", scopes("x", "y")]
}

/// The claims of a caller.
struct Caller {
    role: &'static str,
    scopes: &'static str,
    token: String,
    /// True if the token is ten minutes old.
    old: bool,
}

/// Creates a token for each combination of a role and scopes.
fn callers(tokens: &TokenManager, old: bool) -> impl Iterator<Item = Caller> {
    let all = ["", "a", "b", "c"]
        .into_iter()
        .flat_map(|role| ["", "x", "y", "z", "x y", "y z"].into_iter().map(move |scopes| (role, scopes)));
    all.map(move |(role, scopes)| {
        let claims = Payload::new(42).with("role", role).with("scope", scopes);
        let token = tokens.create_access_token(&claims).expect("valid claims");
        Caller { role, scopes, token, old }
    })
}

/// Returns whether the record describes a guard that admits the caller.
fn admits(record: &GuardRecord, caller: &Caller) -> bool {
    let role = record.roles.iter().all(|one_of| one_of.contains(&caller.role));
    let has_one = |one_of: &&[&str]| caller.scopes.split(' ').any(|scope| one_of.contains(&scope));
    let age = if caller.old { Duration::from_mins(10) } else { Duration::ZERO };
    role && record.scopes.iter().all(has_one) && record.max_age.is_none_or(|max_age| age <= max_age)
}

#[test]
fn every_function_admits_exactly_the_tokens_that_its_record_describes() {
    let (builder, clock) = timed();
    let tokens = builder.build().expect("valid settings");
    let mut all: Vec<_> = callers(&tokens, true).collect();
    clock.advance(Duration::from_mins(10));
    all.extend(callers(&tokens, false));
    let (mut admitted, mut denied) = (0, 0);
    for Block { records, functions } in blocks() {
        assert_eq!(records.len(), functions.len());
        for (record, function) in records.iter().zip(functions) {
            for caller in &all {
                let answer = function(&caller.token, &tokens);
                let (role, scopes, old) = (caller.role, caller.scopes, caller.old);
                assert_eq!(answer.is_ok(), admits(record, caller), "{record}: {role:?} {scopes:?} {old}");
                if answer.is_ok() { admitted += 1 } else { denied += 1 }
            }
        }
    }
    assert!(admitted > 100 && denied > 100, "{admitted} admitted, {denied} denied");
}
