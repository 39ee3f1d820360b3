//! Functions that keep their signature: the token, the payload and the denial come from the arguments of the attribute.

use std::future::Future;
use std::sync::Mutex;

use gatevault::{Claims, GuardError, Payload, Verified, protected};
use pollster::block_on;

use crate::{Answer, Denied, FORGED, UNAUTHENTICATED, User, access, tokens};

/// A request context, as a framework passes it.
struct Context {
    token: Option<String>,
    locked: Mutex<String>,
}

impl Context {
    fn new(token: &str) -> Self {
        Self { token: Some(token.to_owned()), locked: Mutex::new(token.to_owned()) }
    }

    fn token(&self) -> Option<&String> {
        self.token.as_ref()
    }

    async fn later(&self) -> Option<String> {
        std::future::ready(self.token.clone()).await
    }

    fn foreign(&self, denial: &GuardError) -> String {
        assert!(self.token.is_some());
        denial.status().to_string()
    }
}

#[protected(token = context.token(), payload = who: User)]
fn borrowed(context: &Context) -> Answer {
    Ok(who.user_id)
}

#[protected(token = context.token)]
fn place(context: &Context) -> Answer<usize> {
    Ok(context.token.iter().count())
}

#[protected(token = context.locked.lock().expect("no panic").as_str(), payload = who: User)]
async fn locked(context: &Context) -> Answer {
    std::future::ready(()).await;
    Ok(who.user_id)
}

#[protected(token = context.later().await, payload = _: User, require = org_id == 7)]
async fn awaited(context: &Context, org_id: u64) -> Answer {
    Ok(org_id)
}

#[protected(token = context.token(), payload = mut who: Verified<User>)]
fn future(context: &Context) -> impl Future<Output = Answer> + Send + use<> {
    let at = who.issued_at();
    who = who.clone();
    async move { at.map(|_| who.user_id).ok_or(UNAUTHENTICATED) }
}

#[protected(token = context.token(), payload = who: Option<User>, optional)]
fn anonymous(context: &Context) -> Answer<Option<u64>> {
    Ok(who.map(|who| who.user_id))
}

#[derive(Claims)]
struct Named<'t> {
    user_id: u64,
    org_id: Option<u64>,
    #[claims(default)]
    name: &'t str,
}

#[protected(token = context.token(), payload = who: Named<'_>)]
fn borrowing(context: &Context) -> Answer {
    Ok(who.user_id.wrapping_add(who.org_id.unwrap_or(0)).wrapping_add(u64::from(who.name.is_empty())))
}

/// The payload is bound by the attribute: a parameter of the usual name is an ordinary one.
#[protected(token = token.trim_start_matches("token:"), payload = who: User)]
fn ordinary(token: &str, payload: u8) -> Answer {
    assert!(token.starts_with("token:"));
    Ok(who.user_id.wrapping_add(u64::from(payload)))
}

struct Resolver(Context);

impl Resolver {
    #[protected(token = self.0.token(), payload = who: User, require = who.org_id == Some(id))]
    fn invoice(&self, id: u64) -> Answer {
        Ok(who.user_id)
    }
}

#[test]
fn a_token_comes_from_an_expression() {
    let (valid, forged) = (Context::new(&access()), Context::new(FORGED));
    for (context, expected) in [(&valid, Ok(42)), (&forged, Err(UNAUTHENTICATED))] {
        assert_eq!(borrowed(context), expected);
        assert_eq!(place(context), expected.as_ref().map(|_| 1).map_err(|denied| Denied(denied.0)));
        assert_eq!(block_on(locked(context)), expected);
        assert_eq!(block_on(awaited(context, 7)).map(|_| 42), expected);
        assert_eq!(block_on(future(context)), expected);
        assert_eq!(anonymous(context).map(Option::unwrap_or_default), expected);
        assert_eq!(borrowing(context).map(|_| 42), expected);
    }
    assert_eq!(block_on(awaited(&valid, 8)), Err(Denied(403)));
    assert_eq!(anonymous(&Context { token: None, locked: Mutex::default() }), Ok(None));
    assert_eq!(borrowed(&Context { token: None, locked: Mutex::default() }), Err(UNAUTHENTICATED));
    assert_eq!(Resolver(valid).invoice(7), Ok(42));
    assert_eq!(Resolver(forged).invoice(7), Err(UNAUTHENTICATED));
    assert_eq!(Resolver(Context::new(&access())).invoice(8), Err(Denied(403)));
}

#[test]
fn parameters_named_token_and_payload_are_ordinary_beside_the_arguments() {
    assert_eq!(ordinary(&format!("token:{}", access()), 1), Ok(43));
    assert_eq!(ordinary(FORGED, 1), Err(UNAUTHENTICATED));
}

#[test]
fn futures_with_a_token_from_an_expression_stay_send() {
    fn send<T: Send>(future: T) -> T {
        future
    }
    let context = Context::new(&access());
    assert_eq!(block_on(send(locked(&context))), Ok(42));
    assert_eq!(block_on(send(awaited(&context, 7))), Ok(7));
}

fn to_none<T>(_: GuardError) -> Option<T> {
    None
}

#[protected(denied = |denial| denial.status())]
fn status(payload: Payload) -> u16 {
    drop(payload);
    200
}

#[protected(denied = to_none)]
async fn none(payload: User) -> Option<u64> {
    std::future::ready(Some(payload.user_id)).await
}

#[protected(denied = |_| ())]
fn unit(ran: &mut bool) {
    *ran = true;
}

#[protected(denied = |_| Box::new(std::iter::empty()), payload = who: User, require = who.org_id == Some(7))]
fn boxed(token: &str) -> Box<dyn Iterator<Item = u64>> {
    Box::new(std::iter::once(who.user_id))
}

#[protected(token = context.token(), denied = |denial| Err(context.foreign(&denial)), payload = who: User)]
async fn foreign(context: &Context) -> Result<u64, String> {
    std::future::ready(()).await;
    Ok(who.user_id)
}

#[protected(denied = |denial| Err(denial.to_string()))]
fn foreign_future(token: &str, payload: User) -> impl Future<Output = Result<u64, String>> + use<> {
    async move { Ok(payload.user_id) }
}

#[test]
fn a_denial_leaves_through_the_expression() {
    tokens();
    assert_eq!((status(access()), status(FORGED), status("")), (200, 401, 401));
    assert_eq!((block_on(none(access())), block_on(none(FORGED))), (Some(42), None));
    for (token, expected) in [(access(), true), (FORGED.to_owned(), false)] {
        let mut ran = false;
        unit(token.as_str(), &mut ran);
        assert_eq!(ran, expected);
        assert_eq!(boxed(&token).count(), usize::from(expected));
        let context = Context::new(&token);
        assert_eq!(block_on(foreign(&context)).is_ok(), expected);
        assert_eq!(block_on(foreign_future(&token)).is_ok(), expected);
    }
    assert_eq!(block_on(foreign(&Context::new(FORGED))), Err("401".to_owned()));
}

/// Returns 0 if the token is still locked.
fn unlocked(context: &Context, denial: &GuardError) -> u16 {
    context.locked.try_lock().map_or(0, |_| denial.status())
}

#[protected(token = context.locked.lock().expect("no panic").as_str(), denied = |denial| unlocked(context, &denial))]
fn locked_twice(context: &Context) -> u16 {
    unlocked(context, &GuardError::NotInstalled)
}

#[protected(
    token = context.locked.lock().expect("no panic").as_str(),
    payload = who: Named<'_>,
    denied = |denial| unlocked(context, &denial),
)]
async fn locked_twice_later(context: &Context) -> u16 {
    std::future::ready(who.name.len()).await;
    unlocked(context, &GuardError::NotInstalled)
}

#[test]
fn a_lock_in_the_expression_for_the_token_is_released_before_the_denial_is_converted() {
    let (valid, forged) = (Context::new(&access()), Context::new(FORGED));
    assert_eq!((locked_twice(&valid), locked_twice(&forged)), (500, 401));
    assert_eq!((block_on(locked_twice_later(&valid)), block_on(locked_twice_later(&forged))), (500, 401));
}

/// The macro that writes a function can name the payload, and so can its caller.
macro_rules! named {
    ($function:ident, $who:ident: $body:expr) => {
        #[protected(token = context.token(), payload = $who: User, require = $who.org_id == Some(7))]
        fn $function(context: &Context) -> Answer {
            let who = 1_u64;
            Ok($body.wrapping_add(who))
        }
    };
}
named!(named_by_the_caller, who: who.user_id);

#[test]
fn a_payload_that_a_macro_names_is_hygienic() {
    assert_eq!(named_by_the_caller(&Context::new(&access())), Ok(43));
    assert_eq!(named_by_the_caller(&Context::new(FORGED)), Err(UNAUTHENTICATED));
}

#[protected(token = context.token().ok_or(Denied(418))?, payload = _: User)]
fn left_by_the_expression(context: &Context) -> Answer {
    Ok(1)
}

#[test]
fn an_expression_for_the_token_can_leave_and_then_the_body_does_not_run() {
    assert_eq!(left_by_the_expression(&Context::new(&access())), Ok(1));
    let none = Context { token: None, locked: Mutex::default() };
    assert_eq!(left_by_the_expression(&none), Err(Denied(418)));
}
