//! `guards`: snapshots of the library's own `GUARDS`, and each way in which a guard can change.

use gatevault::guard::GuardRecord;
use gatevault::guarded;
use serde_json::{Value, json};

use crate::command::{Folder, Output};

#[guarded(role = "clerk")]
mod shop {
    use gatevault::{GuardError, Payload, protected};

    #[public(reason = "visitors browse before they log in")]
    pub(super) fn catalog() {}

    #[protected(scopes("goods", "prices"), max_age = "5m", require = payload["org_id"] == 7)]
    pub(super) fn restock(payload: Payload) -> Result<(), GuardError> {
        drop(payload);
        Ok(())
    }

    #[protected(any_scope("a", "b"), acr = "2fa", amr = "otp")]
    pub(super) fn count(payload: Payload) -> Result<(), GuardError> {
        drop(payload);
        Ok(())
    }
}

#[guarded]
mod lobby {
    use gatevault::{GuardError, Payload, protected};

    #[protected(optional)]
    pub(super) fn look(payload: Option<Payload>) -> Result<(), GuardError> {
        drop(payload);
        Ok(())
    }
}

fn records() -> Vec<GuardRecord> {
    [shop::GUARDS, lobby::GUARDS].concat()
}

/// Returns the snapshot of the module, as a program writes it.
pub(crate) fn snapshot() -> Value {
    shop::catalog();
    assert!(shop::restock("").is_err() && shop::count("").is_err() && lobby::look("").is_err());
    serde_json::to_value(records()).unwrap()
}

pub(crate) fn compare(old: &Value, new: &Value, arguments: &[&str]) -> Output {
    let folder = Folder::new();
    folder.write("old", &old.to_string());
    folder.write("new", &new.to_string());
    folder.run(&[&["guards", "compare", "old", "new", "--json"], arguments].concat())
}

#[test]
fn a_snapshot_is_shown_in_the_words_of_the_library() {
    let folder = Folder::new();
    folder.write("guards", &snapshot().to_string());
    let shown = folder.ok(&["guards", "show", "guards"]);
    let json = folder.run(&["guards", "show", "guards", "--json"]).json();
    for (record, listed) in records().iter().zip(json.as_array().unwrap()) {
        let displayed = record.to_string();
        let (path, needs) = displayed.split_once(": ").unwrap();
        assert!(path.ends_with(listed["path"].as_str().unwrap()));
        assert_eq!(listed["needs"], needs.replace("public, ", "public: "));
        assert!(shown.contains(listed["needs"].as_str().unwrap()), "{shown}");
    }
    assert!(shown.ends_with("4 functions, 2 of them open to callers without a token"), "{shown}");
    let joined = json!([snapshot(), snapshot()]);
    folder.write("joined", &joined.to_string());
    assert_eq!(folder.run(&["guards", "show", "joined", "--json"]).json().as_array().unwrap().len(), 8);
}

#[test]
fn the_same_guards_in_another_order_and_place_are_unchanged() {
    let mut moved = snapshot();
    let records = moved.as_array_mut().unwrap();
    records.reverse();
    for record in records {
        record["line"] = 999.into();
    }
    let output = compare(&snapshot(), &moved, &[]);
    assert_eq!((output.code, output.json()), (0, json!({"opened": false, "unchanged": 4, "changes": []})));
}

/// Returns the snapshot with other members of the function `restock`.
pub(crate) fn changed(members: &Value) -> Value {
    let mut guards = snapshot();
    for (member, value) in members.as_object().unwrap() {
        guards[1][member] = value.clone();
    }
    guards
}

const ROLE: &str = "role = \"clerk\"";
const SCOPES: &str = "scopes(\"goods\", \"prices\")";
const CONDITION: &str = "payload[\"org_id\"] == 7";

/// Returns the sentences of the only change.
pub(crate) fn sentences(output: &Output, list: &str) -> String {
    let json = output.json();
    let sentences = json["changes"][0][list].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
    sentences.collect::<Vec<_>>().join("; ")
}

#[test]
fn every_loosened_demand_opens_and_every_tightened_one_does_not() {
    assert_eq!(snapshot()[1]["demands"], json!([ROLE, SCOPES, CONDITION]));
    for (members, loosened, tightened) in [
        (
            json!({"public": "open day"}),
            "needs no token any more: open day",
            "was public, and now needs: access token",
        ),
        (json!({"optional": true}), "a call without a token is allowed", "a call without a token is refused"),
        (
            json!({"roles": [], "demands": [SCOPES, CONDITION]}),
            "no longer requires the role \"clerk\"",
            "requires the role \"clerk\"",
        ),
        (
            json!({"roles": [["clerk", "temp"]], "demands": ["any_role(\"clerk\", \"temp\")", SCOPES, CONDITION]}),
            "no longer requires the role \"clerk\"",
            "requires the role \"clerk\"",
        ),
        (
            json!({"scopes": [["goods"]], "demands": [ROLE, "scope = \"goods\"", CONDITION]}),
            "no longer requires the scope \"prices\"",
            "requires the scope \"prices\"",
        ),
        (
            json!({"scopes": [["goods", "prices"]], "demands": [ROLE, "any_scope(\"goods\", \"prices\")", CONDITION]}),
            "no longer requires the scope \"goods\"; no longer requires the scope \"prices\"",
            "requires the scope \"goods\"; requires the scope \"prices\"",
        ),
        (
            json!({"demands": [ROLE, SCOPES]}),
            "no longer requires the condition `payload[\"org_id\"] == 7`",
            "requires the condition `payload[\"org_id\"] == 7`",
        ),
        (
            json!({"max_age": null}),
            "accepts a login of any age, not only of 5m",
            "accepts a login of at most 5m",
        ),
        (
            json!({"max_age": 86_400}),
            "accepts a login of 1d instead of 5m",
            "accepts a login of 5m instead of 1d",
        ),
    ] {
        let looser = changed(&members);
        let opened = compare(&snapshot(), &looser, &[]);
        assert_eq!((opened.code, &opened.json()["opened"]), (1, &json!(true)), "{members}");
        assert_eq!(
            (sentences(&opened, "loosened").as_str(), sentences(&opened, "tightened").as_str()),
            (loosened, "")
        );
        let closed = compare(&looser, &snapshot(), &[]);
        assert_eq!((closed.code, &closed.json()["opened"]), (0, &json!(false)), "{members}");
        assert_eq!(sentences(&closed, "loosened"), "");
        assert!(sentences(&closed, "tightened").starts_with(tightened), "{closed:?}");
    }
}

#[test]
fn a_stronger_login_is_compared_class_by_class_and_method_by_method() {
    for (member, other) in [("acr", "\"2fa\""), ("amr", "\"otp\"")] {
        let mut looser = snapshot();
        looser[2][member] = json!([]);
        let opened = compare(&snapshot(), &looser, &[]);
        assert_eq!(
            (opened.code, sentences(&opened, "loosened")),
            (1, format!("no longer requires the {member} {other}"))
        );
        assert_eq!(compare(&looser, &snapshot(), &[]).code, 0);
    }
}

/// A condition may look like a demand for scopes.
#[test]
fn a_condition_that_looks_like_scopes_is_a_condition() {
    let with_condition = changed(&json!({"demands": [ROLE, SCOPES, CONDITION, "scopes(payload)"]}));
    let opened = compare(&with_condition, &snapshot(), &[]);
    assert_eq!(
        (opened.code, sentences(&opened, "loosened").as_str()),
        (1, "no longer requires the condition `scopes(payload)`")
    );
}

#[test]
fn a_guard_that_changes_in_both_directions_opens() {
    for members in [
        json!({"refresh": true}),
        json!({"roles": [["admin"]], "demands": ["role = \"admin\"", SCOPES, CONDITION]}),
        json!({"demands": [ROLE, SCOPES, "payload[\"org_id\"] == 8"]}),
        json!({"roles": [], "demands": [SCOPES, CONDITION], "max_age": 60}),
    ] {
        let output = compare(&snapshot(), &changed(&members), &[]);
        assert_eq!(output.code, 1, "{members}: {output:?}");
    }
    let refresh = compare(&changed(&json!({"refresh": true})), &snapshot(), &[]);
    assert_eq!(
        (refresh.code, sentences(&refresh, "loosened").as_str()),
        (1, "takes access tokens instead of refresh tokens")
    );
}

#[test]
fn added_and_removed_functions_open_if_they_may_have_no_guard() {
    let all = snapshot();
    let without = |index: usize| {
        let mut guards = snapshot();
        guards.as_array_mut().unwrap().remove(index);
        guards
    };
    for (index, name, added, removed) in
        [(0, "catalog", 1, 0), (1, "restock", 0, 1), (2, "count", 0, 1), (3, "look", 1, 1)]
    {
        let output = compare(&without(index), &all, &[]);
        let change = &output.json()["changes"][0];
        assert_eq!((output.code, &change["change"]), (added, &json!("added")), "{name}");
        assert!(change["path"].as_str().unwrap().ends_with(name));
        let output = compare(&all, &without(index), &[]);
        assert_eq!(
            (output.code, &output.json()["changes"][0]["change"]),
            (removed, &json!("removed")),
            "{name}"
        );
        assert_eq!(compare(&all, &without(index), &["--allow-removed"]).code, 0, "{name}");
    }
}

#[test]
fn functions_of_one_path_are_compared_one_by_one() {
    let twice = json!([snapshot()[1], snapshot()[1]]);
    let mut opened = twice.clone();
    opened[1]["optional"] = true.into();
    assert_eq!(compare(&twice, &opened, &[]).code, 1);
    assert_eq!(compare(&twice, &twice, &[]).code, 0);
    assert_eq!(compare(&twice, &json!([snapshot()[1]]), &[]).code, 1);
}

#[test]
fn what_is_no_snapshot_is_refused() {
    let folder = Folder::new();
    folder.write("good", &snapshot().to_string());
    let mut unknown = snapshot();
    unknown[0]["forbidden_on_mondays"] = true.into();
    for text in ["", "{}", "[1]", "[{}]", "null", &unknown.to_string()] {
        folder.write("bad", text);
        for arguments in [&["show", "bad"][..], &["compare", "bad", "good"], &["compare", "good", "bad"]] {
            let refused = folder.run(&[&["guards"], arguments].concat());
            assert!(
                refused.code == 2 && refused.err.contains("serde_json::to_string(GUARDS)"),
                "{text}: {refused:?}"
            );
        }
    }
    let same = folder.run(&["guards", "compare", "good", "good"]);
    assert!(same.code == 2 && same.err.contains("two different files"), "{same:?}");
}
