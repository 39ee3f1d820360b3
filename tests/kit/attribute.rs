//! `#[gatevault::test]`: each test here is one that the attribute runs.

use gatevault::testing::assert_denied;
use gatevault::{Claims, GuardError, Payload, TokenManager, protected};

#[derive(Debug, Clone, Claims)]
struct User {
    user_id: u64,
    #[claims(role)]
    role: String,
}

fn admin() -> User {
    User { user_id: 1, role: "admin".to_owned() }
}

#[protected(role = "admin")]
fn delete(id: u64, payload: User) -> Result<String, GuardError> {
    Ok(format!("{id} deleted by {}", payload.user_id))
}

#[protected(role = "admin", payload = _: User)]
async fn delete_later(id: u64) -> Result<u64, GuardError> {
    tokio::task::yield_now().await;
    Ok(id)
}

#[gatevault::test(as = admin())]
fn a_sync_test_has_a_token_of_its_caller(token: &str) {
    assert_eq!(delete(token, 7).unwrap(), "7 deleted by 1");
}

#[gatevault::test(as = User { user_id: 2, role: "member".to_owned() })]
fn a_test_can_return_a_result(token: &str) -> Result<(), gatevault::Error> {
    assert_denied!(delete(token, 7), NotAllowed);
    let access = gatevault::generate_secret()?;
    assert_denied!(delete(&access, 7), InvalidToken);
    Ok(())
}

#[gatevault::test(as = admin())]
fn the_parameters_are_in_any_order(tokens: &TokenManager, token: &str) -> Result<(), GuardError> {
    assert_eq!(tokens.decode_access_token::<User>(token)?.role, "admin");
    let eve = User { user_id: 2, role: "admin".to_owned() };
    assert_eq!(delete(tokens.create_access_token(&eve)?, 7)?, "7 deleted by 2");
    Ok(())
}

#[gatevault::test]
fn a_test_without_a_caller_has_a_gate(tokens: &TokenManager) {
    assert_denied!(delete("", 7), MissingToken);
    assert!(delete(tokens.create_access_token(&admin()).unwrap(), 7).is_ok());
}

#[gatevault::test]
fn a_test_without_parameters_has_a_gate() {
    assert_denied!(delete("", 7), MissingToken);
}

#[gatevault::test(as = admin())]
async fn an_async_test_runs_on_a_runtime_of_its_own(token: &str) -> Result<(), GuardError> {
    assert_eq!(delete_later(token, 7).await?, 7);
    let task = tokio::spawn(delete_later(token.to_owned(), 8));
    assert_eq!(task.await.unwrap()?, 8);
    Ok(())
}

#[gatevault::test(as = admin())]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_attribute_below_runs_the_test(token: &str, tokens: &TokenManager) {
    assert_eq!(delete_later(token, 7).await.unwrap(), 7);
    let flavor = tokio::runtime::Handle::current().runtime_flavor();
    assert_eq!(flavor, tokio::runtime::RuntimeFlavor::MultiThread);
    let access = tokens.create_access_token(&admin()).unwrap();
    let task = tokio::spawn(delete_later(access, 7));
    assert!(matches!(task.await.unwrap(), Err(GuardError::NotInstalled)));
}

#[tokio::test]
#[gatevault::test]
async fn another_attribute_above_runs_the_test() {
    assert_denied!(delete_later("", 7).await, MissingToken);
}

#[gatevault::test(as = admin())]
#[test]
fn the_attribute_of_the_language_runs_the_test_once(token: &str) {
    assert!(delete(token, 7).is_ok());
}

#[gatevault::test(as = admin())]
#[should_panic(expected = "this test fails")]
fn other_attributes_stay(token: &str) {
    assert!(delete(token, 7).is_err(), "this test fails");
}

/// The names in the expansion are hygienic.
#[gatevault::test(as = kit(1))]
fn a_caller_is_any_expression(token: &str) {
    let kit = kit(1);
    assert_eq!(delete(token, kit.user_id).unwrap(), "1 deleted by 1");
}

fn kit(user_id: u64) -> User {
    User { user_id, ..admin() }
}

#[gatevault::test(as = Payload::new(id()?).with("role", "admin"))]
fn the_claims_may_fail(token: &str) -> Result<(), GuardError> {
    assert_eq!(delete(token, 7)?, "7 deleted by 5");
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "an expression that may fail")]
fn id() -> Result<u64, GuardError> {
    Ok(5)
}

#[gatevault::test(as = &admin())]
fn the_claims_may_be_borrowed(token: &str) {
    assert!(delete(token, 7).is_ok());
}

mod renamed {
    use gatevault as vault;

    #[vault::test(as = vault::Payload::new(1), crate = vault)]
    fn the_crate_may_have_another_name(mut token: &str, tokens: &vault::TokenManager) {
        token = token.trim();
        assert_eq!(tokens.decode_access_token::<vault::Payload>(token).unwrap().user_id(), &1.into());
    }
}

/// Every test of this file runs in parallel with the others, each under its own manager.
#[gatevault::test(as = admin())]
fn a_token_of_another_test_is_refused(token: &str) {
    let other = std::thread::spawn(of_another_test).join().unwrap();
    assert_denied!(delete(&other, 7), InvalidToken);
    assert!(delete(token, 7).is_ok());
}

fn of_another_test() -> String {
    TokenManager::new(gatevault::generate_secret().unwrap()).unwrap().create_access_token(&admin()).unwrap()
}
