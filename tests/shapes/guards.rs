//! `GUARDS`: the records of every kind of block.
#![expect(dead_code, reason = "the functions are only listed")]
#![expect(clippy::unused_self, clippy::unused_async, reason = "the signatures are what the tests are about")]
#![expect(clippy::indexing_slicing, reason = "an absent claim of a payload reads as null")]

use std::time::Duration;

use gatevault::guard::GuardRecord;
use gatevault::{Payload, guarded, protected};

use crate::{Answer, User};

const ADMIN: &str = "admin";

#[guarded(role = "clerk")]
mod shop {
    use gatevault::{Payload, Verified, guarded, protected};

    use crate::guards::{ADMIN, Answer, User};

    #[public(reason = "visitors browse")]
    pub(super) const fn catalog() {}

    #[protected(any_role(ADMIN, "owner"), max_age = "90s", require(payload["a"] == 1, true))]
    async fn restock(payload: Verified<Payload>) -> Answer {
        drop(payload);
        Ok(1)
    }

    pub(super) struct Desk<T>(T);

    impl<T: Clone> Desk<T> {
        #[protected(scopes("a", "b"), any_scope("c", "d"), payload = who)]
        fn sit(&self, who: Payload) -> Answer {
            drop(who);
            Ok(2)
        }
    }

    #[guarded(max_age = "1h")]
    impl Desk<u8> {
        #[protected(max_age = "1d", role = "boss")]
        fn stand(&self, payload: Payload) -> Answer {
            drop(payload);
            Ok(3)
        }
    }

    pub(super) mod back {
        pub(crate) trait Door {
            fn declared(&self);

            #[public(reason = "a door has a name")]
            fn named(&self) {}
        }

        #[cfg(any(test, windows))]
        mod conditional {
            #[public(reason = "it is there")]
            fn r#match() {}
        }

        #[cfg(windows)]
        mod absent {
            #[public(reason = "it is absent")]
            fn absent() {}
        }

        #[cfg_attr(all(), cfg(windows), doc = "Absent.")]
        #[public(reason = "it is absent")]
        fn absent() {}

        #[cfg(test)]
        #[public(reason = "it is a test")]
        fn tested() {}

        #[cfg(test)]
        mod tests {
            fn untested() {}
        }
    }

    impl back::Door for Desk<User> {
        #[public(reason = "doors are declared")]
        fn declared(&self) {}
    }
}

struct Office<T>(T);

#[guarded(refresh, scope = "office")]
impl<T> Office<T> {
    #[protected]
    fn renew(&self, payload: Payload) -> Answer {
        drop(payload);
        Ok(1)
    }
}

#[guarded(guards = MORE_GUARDS)]
impl<T> Office<T> {
    #[protected(optional)]
    fn greet(&self, payload: Option<User>) -> Answer {
        Ok(payload.map_or(0, |user| user.user_id))
    }
}

#[guarded(guards = _)]
impl<T> Office<T> {
    #[protected]
    fn leave(&self) -> Answer {
        Ok(2)
    }
}

trait Room {
    fn enter(&self) -> u8;
}

#[guarded(guards = ROOM_GUARDS)]
impl Room for Office<u8> {
    #[public(reason = "a room has a door")]
    fn enter(&self) -> u8 {
        1
    }
}

#[guarded]
impl Room for Office<u16> {
    #[public(reason = "a room has a door")]
    fn enter(&self) -> u8 {
        2
    }
}

fn shown(records: &[GuardRecord]) -> Vec<String> {
    records.iter().map(ToString::to_string).collect()
}

#[test]
fn the_list_of_a_module_has_every_function_below_it() {
    let expected = [
        "shop::catalog: public, visitors browse",
        "shop::restock: access token, role = \"clerk\", any_role(ADMIN, \"owner\"), payload[\"a\"] == 1, true, \
         max_age = \"90s\"",
        "shop::Desk<T>::sit: access token, role = \"clerk\", scopes(\"a\", \"b\"), any_scope(\"c\", \"d\")",
        "shop::Desk<u8>::stand: access token, role = \"clerk\", role = \"boss\", max_age = \"1h\"",
        "shop::back::Door::named: public, a door has a name",
        "shop::back::conditional::match: public, it is there",
        "shop::<Desk<User> as back::Door>::declared: public, doors are declared",
    ];
    let expected: Vec<_> = expected.iter().map(|shown| format!("{}::{shown}", module_path!())).collect();
    assert_eq!(shown(shop::GUARDS), expected);
}

#[test]
fn a_record_has_roles_scopes_claims_and_the_place() {
    let [catalog, restock, sit, ..] = shop::GUARDS else { panic!("{:?}", shop::GUARDS) };
    assert_eq!((catalog.public, catalog.claims, catalog.demands), (Some("visitors browse"), None, &[][..]));
    assert_eq!((restock.name, restock.public), ("restock", None));
    assert_eq!(restock.claims, Some("Verified<Payload>"));
    assert_eq!(restock.roles, [&["clerk"][..], &["ADMIN", "owner"]]);
    assert_eq!(restock.max_age, Some(Duration::from_secs(90)));
    assert_eq!((sit.claims, sit.scopes), (Some("Payload"), &[&["a"][..], &["b"], &["c", "d"]][..]));
    assert!(catalog.file.ends_with("shapes/guards.rs"), "{}", catalog.file);
    let source = include_str!("guards.rs");
    for record in shop::GUARDS {
        let line =
            source.lines().zip(1..).find(|(_, number)| *number == record.line).expect("the line exists").0;
        assert!(line.contains(&format!("{}(", record.name)), "{record}: {line}");
    }
}

#[test]
fn an_impl_has_its_list_and_a_trait_impl_a_named_one() {
    let module = module_path!();
    assert_eq!(
        shown(Office::<u8>::GUARDS),
        [format!("{module}::Office<T>::renew: refresh token, scope = \"office\"")]
    );
    assert_eq!(
        shown(Office::<u8>::MORE_GUARDS),
        [format!("{module}::Office<T>::greet: access token or none")]
    );
    let room = format!("{module}::<Office<u8> as Room>::enter: public, a room has a door");
    assert_eq!(shown(ROOM_GUARDS), [room]);
    let all = [shop::GUARDS, Office::<u8>::GUARDS, ROOM_GUARDS].concat();
    assert_eq!(all.len(), shop::GUARDS.len() + 2);
}

#[test]
fn a_record_is_serialized() {
    let [_, restock, ..] = shop::GUARDS else { panic!("{:?}", shop::GUARDS) };
    let expected = serde_json::json!({
        "name": "restock",
        "path": restock.path,
        "public": null,
        "claims": "Verified<Payload>",
        "demands": ["role = \"clerk\"", "any_role(ADMIN, \"owner\")", "payload[\"a\"] == 1", "true"],
        "roles": [["clerk"], ["ADMIN", "owner"]],
        "scopes": [],
        "max_age": 90,
        "acr": [],
        "amr": [],
        "refresh": false,
        "optional": false,
        "file": restock.file,
        "line": restock.line,
    });
    assert_eq!(serde_json::to_value(restock).expect("it is serializable"), expected);
}
