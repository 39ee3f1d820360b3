//! Reusable policies with a name and without strings: functions, constants, and `macro_rules!` that add the attribute.

use std::future::ready;

use gatevault::{ClaimValue, Claims, protected};

use crate::{Answer, FORBIDDEN, FORGED, UNAUTHENTICATED, tokens};

#[derive(Clone, Copy, PartialEq, PartialOrd, ClaimValue)]
enum Rank {
    Clerk,
    Admin,
}

#[derive(Claims)]
struct Staff {
    user_id: u64,
    #[claims(role)]
    rank: Rank,
}

/// A named policy: adds the attribute to a function.
macro_rules! admins_only {
    ($($function:tt)*) => {
        #[protected(role = Rank::Admin, max_age = "5m")]
        $($function)*
    };
}

admins_only! {
    /// Closes an account.
    #[must_use = "it is the result"]
    pub(crate) async fn close(account: u64, payload: Staff) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(account))
    }
}

/// A named policy with a condition over the payload. The macro needs the payload's name as an argument.
macro_rules! at_least {
    ($payload:ident: $rank:expr => $($function:tt)*) => {
        #[protected(payload = $payload, require = ranks($rank, &$payload))]
        $($function)*
    };
}

at_least! { who: Rank::Clerk =>
    fn ship(parcels: u64, who: Staff) -> Answer {
        Ok(who.user_id.wrapping_add(parcels))
    }
}

const OPENERS: [Rank; 1] = [Rank::Clerk];

#[protected(require(ranks(Rank::Clerk, &payload), OPENERS.contains(&payload.rank)))]
fn open(payload: Staff) -> Answer {
    Ok(payload.user_id)
}

fn ranks(least: Rank, staff: &Staff) -> bool {
    staff.rank >= least
}

fn of_rank(rank: Rank) -> String {
    tokens().create_access_token(&Staff { user_id: 42, rank }).expect("valid claims")
}

#[tokio::test]
async fn policies_are_shared_without_strings() {
    let (admin, clerk) = (of_rank(Rank::Admin), of_rank(Rank::Clerk));
    assert_eq!(close(&admin, 1).await, Ok(43));
    assert_eq!(close(&clerk, 1).await, Err(FORBIDDEN));
    assert_eq!(close(FORGED, 1).await, Err(UNAUTHENTICATED));
    assert_eq!(ship(&clerk, 1), Ok(43));
    assert_eq!(ship(FORGED, 1), Err(UNAUTHENTICATED));
    assert_eq!(open(&clerk), Ok(42));
    assert_eq!(open(&admin), Err(FORBIDDEN));
    assert_eq!(open(FORGED), Err(UNAUTHENTICATED));
}
