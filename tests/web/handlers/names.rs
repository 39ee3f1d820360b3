//! A condition reads the names of its function, and not other items of the module that have the same name.

use gatevault::protected;

use crate::{Answer, Denied, FORBIDDEN, User, access, call, verify};

/// The organization of the token: a condition that calls this function instead of a parameter is met.
fn org() -> u64 {
    7
}

/// The level of the token, as a constant of the module.
const LEVEL: u64 = 42;

/// An extractor.
struct Path<T>(T);

struct App {
    org: fn() -> u64,
}

#[protected(handler, require = user.org_id == Some(org()))]
fn without_a_parameter(user: User) -> Answer {
    Ok(user.user_id)
}

#[protected(handler, require = user.org_id == Some(org()))]
fn plain(mut org: fn() -> u64, user: User) -> Answer {
    let other = std::mem::replace(&mut org, || 1);
    Ok(other().wrapping_add(org()))
}

#[protected(handler, require = user.org_id == Some(org()))]
fn in_a_pattern(Path((org, _)): Path<(fn() -> u64, u8)>, user: User) -> Answer {
    Ok(org())
}

#[protected(handler, require = user.org_id == Some(org()))]
fn in_a_struct(App { org, .. }: App, user: User) -> Answer {
    Ok(org())
}

#[protected(handler, require = user.org_id == Some(org()))]
fn by_reference(Path(ref org): Path<Box<dyn Fn() -> u64>>, user: User) -> Answer {
    Ok(org())
}

#[test]
fn a_parameter_hides_a_function_of_its_name() {
    let other = || 8;
    assert_eq!(call(&access(), without_a_parameter), Ok(42));
    assert_eq!(verify(&access()).map(|guard| plain(guard, org)), Ok(Ok(8)));
    assert_eq!(verify(&access()).map(|guard| plain(guard, other)), Ok(Err(FORBIDDEN)));
    assert_eq!(verify(&access()).map(|guard| in_a_pattern(guard, Path((other, 1)))), Ok(Err(FORBIDDEN)));
    assert_eq!(verify(&access()).map(|guard| in_a_struct(guard, App { org: other })), Ok(Err(FORBIDDEN)));
    assert_eq!(verify(&access()).map(|guard| by_reference(guard, Path(Box::new(other)))), Ok(Err(FORBIDDEN)));
}

#[protected(handler, require = user.user_id == LEVEL)]
fn constant<const LEVEL: u64>(user: User) -> Answer {
    Ok(LEVEL)
}

#[protected(handler, require = format!("{LEVEL}") == user.user_id.to_string())]
fn formatted<const LEVEL: u64>(user: User) -> Answer {
    Ok(LEVEL)
}

#[protected(handler, require = format!("{LEVEL}") == user.user_id.to_string())]
fn of_the_module(user: User) -> Answer {
    Ok(1)
}

#[test]
fn a_constant_of_the_function_hides_one_of_the_module() {
    assert_eq!(call(&access(), constant::<42>), Ok(42));
    assert_eq!(call(&access(), constant::<41>), Err(FORBIDDEN));
    assert_eq!(call(&access(), formatted::<42>), Ok(42));
    assert_eq!(call(&access(), formatted::<41>), Err(FORBIDDEN));
    assert_eq!(call(&access(), of_the_module), Ok(1));
}

/// Returns from the function that calls it, unless the condition is true.
macro_rules! ensure {
    ($condition:expr) => {{
        if !$condition {
            return Err(Denied(409));
        }
        true
    }};
}

#[protected(handler, require = ensure!(user.user_id == 1))]
fn conflict(user: User) -> Answer {
    Ok(user.user_id)
}

#[test]
fn a_macro_in_a_condition_may_return_from_the_function() {
    assert_eq!(call(&access(), conflict), Err(Denied(409)));
}

/// Writes a handler: the names in it are those of the macro, and the condition has the names of its caller.
macro_rules! handler {
    ($name:ident, $user:ident, $condition:expr) => {
        #[protected(handler, payload = $user, require = $condition)]
        fn $name(org: u64, $user: User) -> Answer {
            Ok(org.wrapping_add($user.user_id))
        }
    };
}

handler!(written, user, user.org_id == Some(org()));
handler!(written_for_another, caller, caller.org_id == Some(8));

#[test]
fn a_handler_that_a_macro_writes_keeps_its_condition() {
    assert_eq!(verify(&access()).map(|guard| written(guard, 1)), Ok(Ok(43)));
    assert!(matches!(verify(&access()).map(|guard| written_for_another(guard, 1)), Err(Err(FORBIDDEN))));
}
