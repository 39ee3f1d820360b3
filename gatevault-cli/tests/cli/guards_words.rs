//! `guards compare`: what a snapshot has as words only, whose change may open a guard. Gates, payloads, names of roles.

use std::collections::BTreeSet;

use gatevault::{GateVault, guarded};
use serde_json::{Value, json};

use crate::command::Folder;
use crate::guards::{changed, compare, sentences, snapshot};

struct Desk {
    staff: GateVault,
}

#[guarded(gate = self.staff)]
impl Desk {
    #[gatevault::protected(role = "clerk")]
    fn open(&self, payload: gatevault::Payload) -> Result<(), gatevault::GuardError> {
        drop(payload);
        Ok(())
    }
}

#[test]
fn the_gate_is_shown_in_the_words_of_the_library() {
    let tokens = gatevault::TokenManager::new([7; 32]).unwrap();
    assert!(Desk { staff: GateVault::new(tokens) }.open("").is_err());
    let folder = Folder::new();
    folder.write("guards", &serde_json::to_string(Desk::GUARDS).unwrap());
    let needs = "access token, gate = self.staff, role = \"clerk\"";
    assert!(Desk::GUARDS[0].to_string().ends_with(needs));
    assert!(folder.ok(&["guards", "show", "guards"]).contains(needs));
    assert_eq!(folder.run(&["guards", "show", "guards", "--json"]).json()[0]["needs"], needs);
}

/// A snapshot of before has no member for the gate.
#[test]
fn another_gate_may_open_a_guard() {
    assert!(snapshot()[1].get("gate").is_none());
    let gate = |gate: Value| changed(&json!({ "gate": gate }));
    let (none, null) = (snapshot(), gate(Value::Null));
    let (staff, customers) = (gate("self.staff".into()), gate("self.customers".into()));
    let installed = "the gate of the request or the installed one";
    for (old, new, replaced) in [
        (&staff, &customers, "`gate = self.customers` instead of `gate = self.staff`".to_owned()),
        (&staff, &none, format!("{installed} instead of `gate = self.staff`")),
        (&none, &staff, format!("`gate = self.staff` instead of {installed}")),
    ] {
        let output = compare(old, new, &[]);
        assert_eq!((output.code, sentences(&output, "tightened").as_str()), (1, ""), "{replaced}");
        let sentence = format!("verifies tokens with {replaced}, which may admit other callers");
        assert_eq!(sentences(&output, "loosened"), sentence);
    }
    for same in [&staff, &none, &null] {
        assert_eq!(compare(same, same, &[]).code, 0);
    }
    assert_eq!(compare(&none, &null, &[]).json()["changes"], json!([]));
    let public = |gate: &str| changed(&json!({ "public": "open day", "gate": gate }));
    assert_eq!(compare(&public("a"), &public("b"), &[]).code, 0);
}

/// The payload of `restock` is `Payload`.
#[test]
fn another_payload_may_open_a_guard() {
    let payload = |claims: Value| changed(&json!({ "claims": claims }));
    for (old, new, sentence) in [
        (
            json!("Staff"),
            json!("User"),
            "the payload is `User` instead of `Staff`: a token without the fields of `Staff` may be accepted",
        ),
        (
            json!("staff::User"),
            json!("Verified<User>"),
            "the payload is `Verified<User>` instead of `staff::User`: a token without the fields of `staff::User` may \
             be accepted",
        ),
        (
            json!("Serde<User>"),
            json!("User"),
            "the payload is `User` instead of `Serde<User>`: a token without the fields of `Serde<User>` may be accepted",
        ),
        (json!("Staff"), Value::Null, "no longer requires the fields of the payload `Staff`"),
        (
            Value::Null,
            json!("Staff"),
            "the payload is `Staff` instead of none: it may read the role and the scopes from other claims",
        ),
    ] {
        let output = compare(&payload(old), &payload(new), &[]);
        assert_eq!((output.code, sentences(&output, "loosened").as_str()), (1, sentence));
        assert_eq!(output.json()["opened"], true);
    }
}

#[test]
fn a_payload_that_only_adds_fields_opens_nothing() {
    let payload =
        |claims: Value| changed(&json!({"claims": claims, "demands": [], "roles": [], "scopes": []}));
    let output = compare(&payload(Value::Null), &payload("Staff".into()), &[]);
    assert_eq!(output.code, 0);
    assert_eq!(sentences(&output, "tightened"), "requires the fields of the payload `Staff`");
    for (old, new) in [
        ("Staff", "Verified<Staff>"),
        ("gatevault::Verified<Staff>", "Staff"),
        ("Option<Staff>", "Option<Verified<Staff>>"),
    ] {
        let output = compare(&payload(old.into()), &payload(new.into()), &[]);
        let sentence = format!("the payload is `{new}` instead of `{old}`, with the same claims");
        assert_eq!((output.code, sentences(&output, "other")), (0, sentence));
    }
}

/// Returns the snapshot with one demand for roles, and the values of the names.
fn roles(demand: &str, values: &[&str]) -> Value {
    changed(&json!({"demands": [demand], "roles": [values], "scopes": []}))
}

#[test]
fn a_constant_of_the_same_spelling_is_another_role() {
    let guards = [
        (roles("role = \"admin\"", &["admin"]), &["literal"][..]),
        (roles("any_role(\"admin\", \"admin\")", &["admin", "admin"]), &["literal"]),
        (roles("role = admin", &["admin"]), &["constant"]),
        (roles("any_role(admin)", &["admin"]), &["constant"]),
        (roles("any_role(\"admin\", admin)", &["admin", "admin"]), &["literal", "constant"]),
        (roles("any_role(admin, \"admin\")", &["admin", "admin"]), &["literal", "constant"]),
        (roles("role = r\"admin\"", &["admin"]), &["raw literal"]),
        (roles("role = \"admin\".into()", &["\"admin\".into()"]), &["expression"]),
        (roles("role = \"\\\"admin\\\".into()\"", &["\"admin\".into()"]), &["quoted expression"]),
        (roles("any_role(of(a, \"admin\"), admin)", &["of(a, \"admin\")", "admin"]), &["call", "constant"]),
        (
            roles("any_role(of(a, \"admin\"), \"admin\")", &["of(a, \"admin\")", "admin"]),
            &["call", "literal"],
        ),
    ];
    for (old, before) in &guards {
        for (new, now) in &guards {
            let before: BTreeSet<_> = before.iter().collect();
            let opens = now.iter().any(|role| !before.contains(role));
            let output = compare(old, new, &[]);
            assert_eq!(output.code, i32::from(opens), "{} -> {}: {output:?}", old[1], new[1]);
        }
    }
    let output = compare(&guards[0].0, &guards[2].0, &[]);
    assert_eq!(sentences(&output, "loosened"), "no longer requires the role \"admin\"");
    assert_eq!(sentences(&output, "tightened"), "requires the role admin");
}

#[test]
fn demands_in_another_order_are_unchanged() {
    let demands = [
        "role = admin",
        "any_role(\"admin\", OWNER)",
        "scopes(\"a\", \"b\")",
        "any_scope(\"c\", \"d\")",
        "x",
    ];
    let old = changed(&json!({
        "demands": demands, "roles": [["admin"], ["admin", "OWNER"]], "scopes": [["a"], ["b"], ["c", "d"]],
    }));
    let new = changed(&json!({
        "demands": demands.iter().rev().collect::<Vec<_>>(),
        "roles": [["admin", "OWNER"], ["admin"]],
        "scopes": [["c", "d"], ["a"], ["b"]],
    }));
    for (old, new) in [(&old, &new), (&new, &old)] {
        let output = compare(old, new, &[]);
        assert_eq!((output.code, &output.json()["changes"]), (0, &json!([])), "{output:?}");
    }
}

/// A condition may call a function with the name of an argument.
#[test]
fn a_condition_that_looks_like_a_role_or_a_scope_is_not_lost() {
    for (condition, other, demand, list) in [
        ("any_role(\"a\")", "any_role(a)", "role = \"a\"", "roles"),
        ("scopes(\"a\")", "any_scope(\"a\")", "scope = \"a\"", "scopes"),
        ("any_scope(\"a\")", "scopes(\"a\")", "any_scope(\"a\")", "scopes"),
    ] {
        let guard = |demands: &[&str]| {
            let mut members = json!({"demands": demands, "roles": [], "scopes": []});
            members[list] = json!([["a"]]);
            changed(&members)
        };
        for both in [guard(&[condition, demand]), guard(&[demand, condition])] {
            assert_eq!(compare(&both, &both, &[]).code, 0);
            for looser in [guard(&[demand]), guard(&[other, demand]), guard(&[demand, other])] {
                let output = compare(&both, &looser, &[]);
                assert_eq!(output.code, 1, "{} -> {}: {output:?}", both[1], looser[1]);
            }
        }
    }
    let guard =
        |demands: &[&str], roles: Value| changed(&json!({"demands": demands, "roles": roles, "scopes": []}));
    let (both, one) = (guard(&["any_role(a)", "b"], json!([])), guard(&["b"], json!([])));
    let output = compare(&both, &one, &[]);
    let sentence = "requires `b` instead of `any_role(a), b`, which may admit other callers";
    assert_eq!((output.code, sentences(&output, "loosened").as_str()), (1, sentence));
}
