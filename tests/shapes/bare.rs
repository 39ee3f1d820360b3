//! Roles and scopes of a function without a payload: strings, compared with the claims `role` and `scope`.
#![expect(clippy::unused_async, reason = "the signatures are what the tests are about")]

use std::borrow::Cow;

use gatevault::{Payload, protected};

use crate::fixture::{Fixture, Outcome, forged};

#[protected(gate = fixture.tokens, role = "admin")]
fn role(fixture: &Fixture) -> Outcome {
    fixture.run(())
}

#[protected(gate = fixture.tokens, role = "admin")]
fn role_of_a_payload(fixture: &Fixture, payload: Payload) -> Outcome {
    fixture.run(payload)
}

const CLERK: &str = "clerk";

#[protected(gate = fixture.tokens, any_role(owned, CLERK, &borrowed))]
async fn any_role(fixture: &Fixture, owned: String, borrowed: Cow<'static, str>) -> Outcome {
    fixture.run((owned, borrowed))
}

#[protected(gate = fixture.tokens, scope = "bills:read")]
fn scope(fixture: &Fixture) -> Outcome {
    fixture.run(())
}

#[protected(gate = fixture.tokens, scopes("bills:read", "bills:write"))]
fn scopes(fixture: &Fixture) -> Outcome {
    fixture.run(())
}

#[protected(gate = fixture.tokens, any_scope("bills:read", "bills:write"), require = open, role = "admin")]
fn everything(fixture: &Fixture, open: bool) -> Outcome {
    fixture.run(())
}

struct Desk(Fixture);

impl Desk {
    #[protected(gate = self.0.tokens, role = "admin", refresh)]
    fn close(&self, claims: u8, payloads: u8) -> Outcome {
        self.0.run((claims, payloads))
    }
}

const ADMIN: &str = r#"role = "admin""#;

#[test]
fn a_role_is_the_claim_of_that_name() {
    let fixture = Fixture::new();
    for good in [r#""admin""#, r#""\u0061dmin""#, r#"["admin"]"#, r#"["clerk","admin"]"#] {
        fixture.opened(&role(forged(&format!(r#","role":{good}"#)), &fixture));
    }
    let clerk = forged(r#","role":"clerk","roles":["admin"],"Role":"admin","scope":"admin""#);
    fixture.forbidden(role(clerk, &fixture), ADMIN);
    fixture.forbidden(role(forged(""), &fixture), ADMIN);
    fixture.unauthenticated(role("", &fixture));
}

/// Values of a claim that are no role and no scope, though some mention one.
fn hostile() -> Vec<String> {
    let huge = format!(r#"["{}"]"#, "admin ".repeat(300));
    let deep = format!(r#"{}"admin"{}"#, "[".repeat(40), "]".repeat(40));
    let others = [
        "null",
        "0",
        "1e3",
        "true",
        r#""""#,
        r#""Admin""#,
        r#""admin ""#,
        r#""admin,clerk""#,
        r#""admin\u0000""#,
        "[]",
        "[null]",
        r#"[["admin"]]"#,
        r#"[{"role":"admin"}]"#,
        r#"{"admin":true}"#,
        r#"{"role":"admin"}"#,
        r#"{"0":"admin"}"#,
    ];
    others.into_iter().map(str::to_owned).chain([huge, deep]).collect()
}

#[test]
fn a_claim_of_another_type_is_no_role() {
    let fixture = Fixture::new();
    for value in hostile() {
        let token = || forged(&format!(r#","role":{value}"#));
        fixture.forbidden(role(token(), &fixture), ADMIN);
        fixture.forbidden(role_of_a_payload(token(), &fixture), ADMIN);
    }
    fixture.unauthenticated(role(forged(r#","role":"clerk","role":"admin""#), &fixture));
    fixture.unauthenticated(role(forged(r#","role":{"a":1,"a":2}"#), &fixture));
}

#[test]
fn a_claim_of_another_type_is_no_scope() {
    let fixture = Fixture::new();
    for value in hostile().into_iter().map(|value| value.replace("admin ", "bills:readx ")) {
        let value = value.replace("admin", "bills:reads");
        let token = forged(&format!(r#","scope":{value}"#));
        fixture.lacks_scope(scope(token, &fixture), r#"scope = "bills:read""#, "bills:read");
    }
    let nested = [r#"{"bills:read":true}"#, r#"[["bills:read"]]"#, r#"{"scope":"bills:read"}"#];
    for value in nested {
        let token = forged(&format!(r#","scope":{value}"#));
        fixture.lacks_scope(scope(token, &fixture), r#"scope = "bills:read""#, "bills:read");
    }
}

#[test]
fn any_string_expression_is_a_role() {
    let fixture = Fixture::new();
    let call = |role: &str| {
        let token = fixture.access(&Payload::new(42).with("role", role));
        pollster::block_on(any_role(token, &fixture, "admin".to_owned(), "guest".into()))
    };
    for good in ["admin", "clerk", "guest"] {
        fixture.opened(&call(good));
    }
    fixture.forbidden(call("owned"), "any_role(owned, CLERK, &borrowed)");
}

#[test]
fn scopes_are_words_or_a_list() {
    let fixture = Fixture::new();
    for good in [r#""bills:read""#, r#""a bills:read""#, r#"["a","bills:read"]"#] {
        fixture.opened(&scope(forged(&format!(r#","scope":{good}"#)), &fixture));
    }
    let other = forged(r#","scope":"bills:reads","role":"bills:read","scp":"bills:read""#);
    fixture.lacks_scope(scope(other, &fixture), r#"scope = "bills:read""#, "bills:read");
    fixture.opened(&scopes(forged(r#","scope":"bills:write bills:read""#), &fixture));
    fixture.lacks_scope(
        scopes(forged(r#","scope":"bills:read""#), &fixture),
        r#"scopes("bills:read", "bills:write")"#,
        "bills:read bills:write",
    );
}

#[test]
fn policies_without_a_payload_are_checked_in_order() {
    let fixture = Fixture::new();
    let admin = || forged(r#","role":"admin","scope":"bills:write""#);
    fixture.opened(&everything(admin(), &fixture, true));
    fixture.forbidden(everything(admin(), &fixture, false), "open");
    fixture.forbidden(everything(forged(r#","scope":"bills:read""#), &fixture, true), ADMIN);
    fixture.lacks_scope(
        everything(forged(""), &fixture, false),
        r#"any_scope("bills:read", "bills:write")"#,
        "bills:read bills:write",
    );
}

#[test]
fn the_bare_claims_have_no_name_in_the_body() {
    let desk = Desk(Fixture::new());
    let admin = Payload::new(42).with("role", "admin");
    desk.0.opened(&desk.close(desk.0.refresh(&admin), 1, 2));
    desk.0.unauthenticated(desk.close(desk.0.access(&admin), 1, 2));
}
