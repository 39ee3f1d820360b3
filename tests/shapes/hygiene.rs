//! User names that the macros also use, and code without the prelude.

use std::future::ready;

use gatevault::protected;

use crate::{Answer, FORGED, UNAUTHENTICATED, User, access};

#[protected(require(met, denial, verified))]
async fn its_own_names(met: bool, denial: bool, verified: bool, payload: User) -> Answer {
    let token = payload.user_id;
    ready(token).await;
    Ok(token)
}

#[protected(payload = r#type)]
fn raw(r#fn: u64, r#type: User) -> Answer {
    Ok(r#type.user_id.wrapping_add(r#fn))
}

/// A module where the names that the macros could use have other meanings.
#[expect(
    dead_code,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    reason = "only the names matter"
)]
mod shadowed {
    use gatevault::{ClaimValue, Claims, protected};

    use crate::Denied;

    pub(super) mod core {
        pub(crate) mod result {}
    }
    mod std {}
    type bool = ();
    struct Option;
    struct String;
    struct Result;
    fn Ok() {}
    fn Err() {}
    fn Some() {}
    const None: bool = ();

    #[derive(ClaimValue)]
    pub(super) enum Org {
        Ok,
        #[claims(rename = "7")]
        Err,
    }

    #[derive(Claims)]
    pub(super) struct Shadowed {
        pub(super) user_id: u64,
        #[claims(default)]
        pub(super) name: u64,
        #[claims(default)]
        pub(super) claims: u64,
        #[claims(default)]
        pub(super) role_slot: u64,
        #[claims(default)]
        pub(super) role: u64,
        pub(super) org: ::core::option::Option<Org>,
    }

    #[protected(require = payload.org.is_none())]
    pub(super) fn guarded(payload: Shadowed) -> ::core::result::Result<u64, Denied> {
        let rest = [payload.name, payload.claims, payload.role, payload.role_slot];
        ::core::result::Result::Ok(rest.into_iter().fold(payload.user_id, u64::wrapping_add))
    }
}

#[no_implicit_prelude]
mod without_prelude {
    use ::gatevault::{ClaimValue, Claims, protected};

    use crate::Answer;

    #[derive(ClaimValue)]
    pub(super) struct Number(pub(super) u64);

    #[derive(ClaimValue)]
    pub(super) enum Level {
        Low,
        High,
    }

    #[derive(Claims)]
    pub(super) struct Bare {
        pub(super) user_id: Number,
        #[claims(default = low)]
        pub(super) level: Level,
    }

    fn low() -> Level {
        Level::Low
    }

    #[protected(require(matches(&payload.level), true))]
    pub(super) fn guarded(payload: Bare) -> Answer {
        ::core::result::Result::Ok(payload.user_id.0)
    }

    #[protected(refresh)]
    pub(super) async fn only_guarded() -> Answer {
        ::core::future::ready(()).await;
        ::core::result::Result::Ok(42)
    }

    fn matches(level: &Level) -> bool {
        match level {
            Level::Low => true,
            Level::High => false,
        }
    }
}

/// Modules with the names of the library and of `core`, and a function with the name of the attribute.
mod namesakes {
    mod gatevault {}
    mod core {}

    #[::gatevault::protected]
    pub(super) fn protected(payload: super::User) -> super::Answer {
        mod gatevault {}
        Ok(payload.user_id)
    }
}

#[test]
fn a_module_can_have_the_name_of_the_library() {
    assert_eq!(namesakes::protected(access()), Ok(42));
    assert_eq!(namesakes::protected(FORGED), Err(UNAUTHENTICATED));
}

#[test]
fn names_of_the_body_do_not_collide_with_names_of_the_check() {
    let call = |token, met| pollster::block_on(its_own_names(token, met, true, true));
    assert_eq!(call(access(), true), Ok(42));
    assert_eq!(call(access(), false), Err(crate::FORBIDDEN));
    assert_eq!(call(FORGED.into(), true), Err(UNAUTHENTICATED));
    assert_eq!(raw(access(), 1), Ok(43));
    assert_eq!(raw(FORGED, 1), Err(UNAUTHENTICATED));
}

#[test]
fn a_shadowed_prelude_is_not_used() {
    assert_eq!(shadowed::guarded(access()), Ok(42));
    assert_eq!(shadowed::guarded(FORGED), Err(UNAUTHENTICATED));
}

#[test]
fn no_prelude_is_needed() {
    assert_eq!(without_prelude::guarded(access()), Ok(42));
    assert_eq!(without_prelude::guarded(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(without_prelude::only_guarded(crate::refresh())), Ok(42));
}
