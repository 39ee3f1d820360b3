//! A demand of a block holds for every function inside, through nested blocks and beside the function's own demands.
#![expect(clippy::indexing_slicing, reason = "an absent claim of a payload reads as null")]
#![expect(clippy::unused_self, reason = "receivers are what the tests are about")]

use std::time::Duration;

use gatevault::{Payload, TokenManager, guarded, protected};
use gatevault_tests::timed;

use crate::{Answer, FORBIDDEN, UNAUTHENTICATED, tokens};

#[guarded(require = payload["role"] == "admin")]
mod admin {
    use gatevault::{Payload, guarded, protected};

    use crate::Answer;

    pub(super) struct Shop;

    #[guarded]
    impl Shop {
        #[protected]
        pub(crate) fn close(&self, payload: Payload) -> Answer {
            drop(payload);
            Ok(1)
        }

        #[protected(require = payload["org_id"] == 7)]
        pub(crate) fn sell(&self, payload: Payload) -> Answer {
            drop(payload);
            Ok(2)
        }
    }

    #[guarded(scope = "stock", max_age = "30d")]
    pub(super) mod stock {
        use gatevault::{Payload, guarded, protected};

        use crate::Answer;

        pub(crate) struct Shelf;

        #[guarded(require(payload["org_id"] == 7), max_age = "5m")]
        impl Shelf {
            #[protected(max_age = "1d")]
            pub(crate) fn fill(&self, payload: Payload) -> Answer {
                drop(payload);
                Ok(3)
            }
        }

        pub(crate) trait Sorted {
            fn sort(&self, token: &str) -> Answer;
        }

        #[gatevault::guarded(any_scope("sort", "stock"))]
        impl Sorted for Shelf {
            #[protected]
            fn sort(&self, token: &str, payload: Payload) -> Answer {
                drop(payload);
                Ok(u64::from(!token.is_empty()))
            }
        }

        #[guarded]
        pub(crate) trait Counted {
            #[protected]
            fn count(&self, payload: Payload) -> Answer
            where
                Self: Sized,
            {
                drop(payload);
                Ok(4)
            }
        }

        impl Counted for Shelf {}
    }
}

#[guarded(gate = self.0, role = "admin")]
impl Counter<'_> {
    #[protected]
    fn with_the_gate_of_the_block(&self, payload: Payload) -> Answer {
        drop(payload);
        Ok(5)
    }

    #[protected(gate = self.1, role = "clerk")]
    fn with_its_own_gate(&self, payload: Payload) -> Answer {
        drop(payload);
        Ok(6)
    }
}

/// A counter with two gates.
struct Counter<'t>(&'t TokenManager, &'t TokenManager);

mod settings {
    use gatevault::{TokenManager, guarded, protected};

    use crate::Answer;

    #[guarded(gate = tokens, refresh)]
    pub(super) mod outer {
        use super::{Answer, TokenManager, guarded, protected};

        #[guarded(gate = other)]
        pub(crate) mod inner {
            use super::{Answer, TokenManager, protected};

            #[protected]
            pub(crate) fn replaced(tokens: &TokenManager, other: &TokenManager) -> Answer {
                Ok(u64::from(!std::ptr::eq(tokens, other)))
            }

            #[protected(gate = tokens, refresh)]
            pub(crate) fn replaced_again(tokens: &TokenManager) -> Answer {
                let _ = tokens;
                Ok(8)
            }
        }

        #[protected]
        pub(crate) fn kept(tokens: &TokenManager) -> Answer {
            let _ = tokens;
            Ok(9)
        }
    }
}

fn token(tokens: &TokenManager, claims: &[(&str, &str)]) -> String {
    let payload = Payload::new(42).with("org_id", 7);
    let payload = claims.iter().fold(payload, |payload, (name, value)| payload.with(*name, *value));
    tokens.create_access_token(&payload).expect("valid claims")
}

#[test]
fn a_nested_block_keeps_the_demands_of_the_outer_one() {
    let (admin, guest) = (token(tokens(), &[("role", "admin")]), token(tokens(), &[("role", "guest")]));
    assert_eq!((admin::Shop.close(&admin), admin::Shop.close(&guest)), (Ok(1), Err(FORBIDDEN)));
}

#[test]
fn a_condition_of_a_function_is_checked_beside_that_of_its_block() {
    let (admin, guest) = (token(tokens(), &[("role", "admin")]), token(tokens(), &[("role", "guest")]));
    assert_eq!((admin::Shop.sell(&admin), admin::Shop.sell(&guest)), (Ok(2), Err(FORBIDDEN)));
    let elsewhere = Payload::new(42).with("role", "admin").with("org_id", 8);
    let elsewhere = tokens().create_access_token(&elsewhere).expect("valid claims");
    assert_eq!(admin::Shop.sell(&elsewhere), Err(FORBIDDEN));
}

#[test]
fn three_levels_of_demands_hold_together() {
    use admin::stock::{Counted as _, Shelf, Sorted as _};
    let admin = token(tokens(), &[("role", "admin"), ("scope", "stock")]);
    let without_scope = token(tokens(), &[("role", "admin")]);
    let guest = token(tokens(), &[("role", "guest"), ("scope", "stock")]);
    assert_eq!(Shelf.fill(&admin), Ok(3));
    assert_eq!((Shelf.fill(&without_scope), Shelf.fill(&guest)), (Err(FORBIDDEN), Err(FORBIDDEN)));
    assert_eq!((Shelf.sort(&admin), Shelf.sort(&guest)), (Ok(1), Err(FORBIDDEN)));
    assert_eq!(Shelf.sort(&token(tokens(), &[("role", "admin"), ("scope", "sort")])), Err(FORBIDDEN));
    assert_eq!((Shelf.count(&admin), Shelf.count(&guest)), (Ok(4), Err(FORBIDDEN)));
}

#[test]
fn a_role_of_a_function_is_required_besides_that_of_its_block() {
    let other = gatevault_tests::tokens();
    let counter = Counter(tokens(), &other);
    let (admin, clerk) = (token(tokens(), &[("role", "admin")]), token(&other, &[("role", "clerk")]));
    assert_eq!(counter.with_the_gate_of_the_block(&admin), Ok(5));
    assert_eq!(counter.with_its_own_gate(&clerk), Err(FORBIDDEN), "it is no admin");
}

#[test]
fn the_shortest_max_age_of_all_blocks_and_the_function_holds() {
    let (builder, clock) = timed();
    let tokens = builder.build().expect("valid settings");
    let fresh = |minutes: u64| {
        let admin = token(&tokens, &[("role", "admin")]);
        clock.advance(Duration::from_secs(minutes * 60 + 2));
        admin
    };
    assert_eq!(ages::open(fresh(0), &tokens), Ok(1));
    assert_eq!(ages::open(fresh(1), &tokens), Err(UNAUTHENTICATED), "the function says 30 days");
    assert_eq!(ages::inner::open(fresh(0), &tokens), Ok(2));
    assert_eq!(ages::inner::open(fresh(1), &tokens), Err(UNAUTHENTICATED), "the inner block says 1 hour");
    assert_eq!(ages::shorter(fresh(0), &tokens), Err(UNAUTHENTICATED), "the function says 1 second");
}

#[guarded(max_age = "1m", gate = tokens)]
mod ages {
    use gatevault::{TokenManager, guarded, protected};

    use crate::Answer;

    #[protected(max_age = "30d")]
    pub(super) fn open(tokens: &TokenManager) -> Answer {
        let _ = tokens;
        Ok(1)
    }

    #[protected(max_age = "1s")]
    pub(super) fn shorter(tokens: &TokenManager) -> Answer {
        let _ = tokens;
        Ok(3)
    }

    #[guarded(max_age = "1h")]
    pub(super) mod inner {
        use super::{Answer, TokenManager, protected};

        #[protected]
        pub(crate) fn open(tokens: &TokenManager) -> Answer {
            let _ = tokens;
            Ok(2)
        }
    }
}

#[test]
fn settings_are_replaced_by_the_innermost_and_refresh_stays() {
    use settings::outer;
    let (tokens, other) = (tokens(), gatevault_tests::tokens());
    let refresh =
        |tokens: &TokenManager| tokens.create_refresh_token(&Payload::new(42)).expect("valid claims");
    let access = token(tokens, &[]);
    assert_eq!(
        (outer::kept(refresh(tokens), tokens), outer::kept(&access, tokens)),
        (Ok(9), Err(UNAUTHENTICATED))
    );
    assert_eq!(outer::inner::replaced_again(refresh(tokens), tokens), Ok(8));
    assert_eq!(outer::inner::replaced_again(&access, tokens), Err(UNAUTHENTICATED));
    assert_eq!(outer::inner::replaced(refresh(&other), tokens, &other), Ok(1));
    assert_eq!(outer::inner::replaced(token(&other, &[]), tokens, &other), Err(UNAUTHENTICATED));
}

/// A request of a framework that owns the signatures.
struct Context {
    token: String,
    other: String,
}

#[guarded(token = context.token.as_str(), denied = |denial| denial.status(), role = "admin")]
mod framework {
    use gatevault::{Payload, guarded, protected};

    use super::Context;

    #[protected(payload = who: Payload)]
    pub(super) fn status(context: &Context) -> u16 {
        if who.user_id().to_string() == "42" { 200 } else { 500 }
    }

    #[protected(payload = _: Payload, token = &context.other, denied = |_| None)]
    pub(super) fn of_another_token(context: &Context) -> Option<u16> {
        let _ = context;
        Some(200)
    }

    /// The parameter is the token, as in a function outside of the block.
    #[protected]
    pub(super) fn of_its_own_token(context: &Context, token: &str) -> u16 {
        let _ = (context, token);
        200
    }

    #[guarded(denied = |_| 0)]
    pub(super) mod inner {
        use super::{Context, Payload, protected};

        #[protected(payload = _: Payload, scope = "b")]
        pub(crate) fn status(context: &Context) -> u16 {
            let _ = context;
            200
        }
    }
}

#[test]
fn token_and_denied_are_defaults_and_a_declared_payload_meets_the_demands_of_the_block() {
    let context = |token: &str, other: &str| Context { token: token.to_owned(), other: other.to_owned() };
    let (admin, guest) = (token(tokens(), &[("role", "admin")]), token(tokens(), &[("role", "guest")]));
    let admin_b = token(tokens(), &[("role", "admin"), ("scope", "b")]);
    assert_eq!(framework::status(&context(&admin, "")), 200);
    assert_eq!(framework::status(&context(&guest, "")), 403);
    assert_eq!(framework::status(&context("", &admin)), 401);
    assert_eq!(framework::of_another_token(&context("", &admin)), Some(200));
    assert_eq!(framework::of_another_token(&context(&admin, &guest)), None);
    assert_eq!(framework::of_its_own_token(&context("", ""), &admin), 200);
    assert_eq!(framework::of_its_own_token(&context(&admin, ""), ""), 401);
    assert_eq!(framework::inner::status(&context(&admin_b, "")), 200);
    assert_eq!(framework::inner::status(&context(&admin, "")), 0);
}

/// Two modules whose items are exported with globs, as handlers are.
#[expect(unreachable_pub, reason = "a test exports nothing")]
pub mod exported {
    #[gatevault::guarded]
    pub mod first {
        #[must_use]
        #[public(reason = "it shows that no lint fires")]
        pub const fn first() -> u8 {
            1
        }

        #[cfg(test)]
        mod tests {}
    }

    #[gatevault::guarded]
    pub mod second {
        #[must_use]
        #[public(reason = "it shows that no lint fires")]
        pub const fn second() -> u8 {
            2
        }
    }

    pub use first::*;
    pub use second::*;
}

#[test]
fn modules_with_lists_can_be_exported_with_globs() {
    assert_eq!((exported::first(), exported::second()), (1, 2));
}
