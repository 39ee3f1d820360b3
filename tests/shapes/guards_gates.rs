//! `GUARDS` names the gate: a snapshot changes if another gate verifies the tokens.
#![expect(dead_code, reason = "the functions are only listed")]

use std::marker::PhantomData;

use gatevault::guard::GuardRecord;
use gatevault::{GateVault, Payload, guarded, protected};

use crate::{Answer, User};

struct Ledger<T> {
    staff: GateVault,
    customers: GateVault,
    rows: PhantomData<T>,
}

#[guarded(gate = self.staff)]
impl Ledger<u8> {
    #[protected(role = "clerk")]
    fn post(&self, payload: Payload) -> Answer {
        drop(payload);
        Ok(u64::from(self.rows == PhantomData))
    }
}

#[guarded(gate = self.customers)]
impl Ledger<u16> {
    #[protected(role = "clerk")]
    fn post(&self, payload: Payload) -> Answer {
        drop(payload);
        Ok(u64::from(self.rows == PhantomData))
    }
}

#[guarded(gate = outer())]
mod office {
    use gatevault::{GateVault, Payload, TokenManager, Verified, guarded, protected};

    use super::{Answer, User};

    #[public(reason = "it creates a gate")]
    fn outer() -> GateVault {
        GateVault::new(TokenManager::new([7; 32]).expect("a valid key"))
    }

    #[protected(optional)]
    fn enter(payload: Option<Payload>) -> Answer {
        Ok(u64::from(payload.is_some()))
    }

    #[protected(gate = own.0, refresh)]
    fn renew(own: (GateVault,), payload: Payload) -> Answer {
        drop((own, payload));
        Ok(1)
    }

    // Its caller has chosen the gate.
    fn rename(who: &Verified<User>) -> u64 {
        who.user_id
    }

    struct Desk;

    #[guarded(gate = outer( ).clone( ))]
    impl Desk {
        #[protected(max_age = "5m")]
        fn sit(&self, payload: Payload) -> Answer {
            drop((self, payload));
            Ok(2)
        }
    }
}

fn needs(records: &[GuardRecord]) -> Vec<String> {
    records.iter().map(|record| record.to_string().split_once(": ").expect("a path").1.to_owned()).collect()
}

#[test]
fn a_record_names_the_innermost_gate_as_written() {
    assert_eq!(needs(Ledger::<u8>::GUARDS), ["access token, gate = self.staff, role = \"clerk\""]);
    assert_eq!(needs(Ledger::<u16>::GUARDS), ["access token, gate = self.customers, role = \"clerk\""]);
    let expected = [
        "public, it creates a gate",
        "access token or none, gate = outer()",
        "refresh token, gate = own.0",
        "access token",
        "access token, gate = outer( ).clone( ), max_age = \"5m\"",
    ];
    assert_eq!(needs(office::GUARDS), expected);
    let gates: Vec<_> = office::GUARDS.iter().map(|record| record.gate).collect();
    assert_eq!(gates, [None, Some("outer()"), Some("own.0"), None, Some("outer( ).clone( )")]);
}

#[test]
fn a_snapshot_changes_with_the_gate_and_with_nothing_else() {
    let snapshot = |records: &[GuardRecord]| {
        let mut snapshot = serde_json::to_value(records).expect("it is serializable");
        for (member, value) in [("path", "ledger::post".into()), ("line", 1.into())] {
            snapshot[0][member] = value;
        }
        snapshot
    };
    let (staff, mut customers) = (snapshot(Ledger::<u8>::GUARDS), snapshot(Ledger::<u16>::GUARDS));
    assert_eq!((&staff[0]["gate"], &customers[0]["gate"]), (&"self.staff".into(), &"self.customers".into()));
    assert_ne!(staff, customers);
    customers[0]["gate"] = "self.staff".into();
    assert_eq!(staff, customers);
}

#[test]
fn a_record_without_a_gate_has_no_member_for_it() {
    let snapshot = serde_json::to_value(office::GUARDS).expect("it is serializable");
    let records = snapshot.as_array().expect("a list");
    let have: Vec<_> = records.iter().map(|record| record.get("gate").is_some()).collect();
    assert_eq!(have, [false, true, true, false, true]);
}
