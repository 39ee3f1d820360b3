//! Logins with a wrong password: of unknown users beside users with hashes of several kinds.

use std::future::ready;

use gatevault::password::Argon2Params;
use gatevault::{OAuthHandler, PasswordHasher, TokenManager};
use gatevault_benches::Answer;
use gatevault_benches::timing::{Expected, Pair};
use tokio::runtime::Builder;

use crate::accounts::{Accounts, UNKNOWN, names};
use crate::costs::{ARGON2ID, ARGON2ID_BY_DEFAULT, BCRYPT, BCRYPT_BY_DEFAULT, Costs, PASSWORD};

/// Returns the pairs for cheap hashes by bcrypt.
pub(crate) fn bcrypt() -> Answer<Vec<Pair>> {
    Users::bcrypt(&BCRYPT)?.all_pairs()
}

/// Returns the pairs for cheap hashes by argon2id.
pub(crate) fn argon2id() -> Answer<Vec<Pair>> {
    Users::argon2id(&ARGON2ID)?.all_pairs()
}

/// Returns the pairs for hashes by bcrypt with the default cost.
pub(crate) fn bcrypt_by_default() -> Answer<Vec<Pair>> {
    Users::bcrypt(&BCRYPT_BY_DEFAULT)?.main_pairs()
}

/// Returns the pairs for hashes by argon2id with the default costs.
pub(crate) fn argon2id_by_default() -> Answer<Vec<Pair>> {
    Users::argon2id(&ARGON2ID_BY_DEFAULT)?.main_pairs()
}

/// A kind of user: the first letter of the names, the description, and the expected finding.
type Kind = (char, &'static str, Expected);

/// The kinds that are measured with every cost.
const MAIN: [Kind; 3] = [
    ('k', "known", Expected::None),
    ('c', "a cheaper hash", Expected::Inherent("inherent: several hashes are a little more work than one")),
    ('x', "a costlier hash", Expected::Inherent("inherent: the work of the costlier hash")),
];
/// The kinds without a usable hash, and with a hash of the other scheme.
const OTHERS: [Kind; 6] = [
    ('n', "no hash", Expected::None),
    ('e', "an empty hash", WARNING),
    ('g', "a malformed hash", WARNING),
    ('s', "a hash of an unsupported scheme", WARNING),
    ('a', "a hash above the ceiling", WARNING),
    ('o', "a hash of the other scheme", Expected::Inherent("inherent: the work of both schemes")),
];

const WARNING: Expected = Expected::Inherent("inherent: the warning about the hash");

/// The users of a handler, and its hasher.
struct Users {
    accounts: Accounts,
    hasher: PasswordHasher,
    measurements: u32,
    /// The names of a class.
    names: u8,
}

impl Users {
    fn bcrypt(costs: &Costs) -> Answer<Self> {
        let [hasher, cheaper, costlier] = [costs.configured, costs.cheaper, costs.costlier]
            .map(|cost| PasswordHasher::builder().cost(cost).build());
        let other = PasswordHasher::builder().argon2id_with(memory(ARGON2ID.configured)).build()?;
        let above = format!("$2b$31${:.<53}", "");
        Self::new(hasher?, [&cheaper?, &costlier?, &other], &above, costs)
    }

    fn argon2id(costs: &Costs) -> Answer<Self> {
        let [hasher, cheaper, costlier] = [costs.configured, costs.cheaper, costs.costlier]
            .map(|kib| PasswordHasher::builder().argon2id_with(memory(kib)).build());
        let (hasher, other) = (hasher?, PasswordHasher::builder().cost(BCRYPT.cheaper).build()?);
        let above = hasher.hash(PASSWORD)?.replace(",t=2,", ",t=4000000000,");
        Self::new(hasher, [&cheaper?, &costlier?, &other], &above, costs)
    }

    fn new(
        hasher: PasswordHasher,
        others: [&PasswordHasher; 3],
        above_the_ceiling: &str,
        costs: &Costs,
    ) -> Answer<Self> {
        let current = hasher.hash(PASSWORD)?;
        let [cheaper, costlier, other] = others.map(|hasher| hasher.hash(PASSWORD));
        let malformed = current.replace('$', "%");
        let accounts = Accounts::new(&current)
            .with('k', Some(&current))
            .with('c', Some(&cheaper?))
            .with('x', Some(&costlier?))
            .with('o', Some(&other?))
            .with('n', None)
            .with('e', Some(""))
            .with('g', Some(&malformed))
            .with('s', Some(UNSUPPORTED))
            .with('a', Some(above_the_ceiling));
        Ok(Self { accounts, hasher, measurements: costs.measurements, names: costs.names })
    }

    /// Returns a pair for each kind, and those of the async form.
    fn all_pairs(&self) -> Answer<Vec<Pair>> {
        let kinds = MAIN.iter().chain(&OTHERS);
        let mut pairs = kinds.map(|kind| self.blocking(*kind)).collect::<Answer<Vec<Pair>>>()?;
        for kind in MAIN.into_iter().chain(OTHERS).filter(|(letter, ..)| "kng".contains(*letter)) {
            pairs.push(self.awaited(kind)?);
        }
        Ok(pairs)
    }

    /// Returns the pairs for which the cost matters.
    fn main_pairs(&self) -> Answer<Vec<Pair>> {
        MAIN.iter().map(|kind| self.blocking(*kind)).collect()
    }

    fn blocking(&self, (letter, name, expected): Kind) -> Answer<Pair> {
        let accounts = self.accounts.clone();
        let oauth = OAuthHandler::new(TokenManager::new([7; 32])?, move |name: &str| accounts.find(name))
            .hasher(self.hasher.clone());
        let call = move |name: &str| oauth.login(name, "wrong").is_ok();
        self.pair(letter, format!("unknown user, {name}"), call).map(|pair| pair.expecting(expected))
    }

    fn awaited(&self, (letter, name, expected): Kind) -> Answer<Pair> {
        let accounts = self.accounts.clone();
        let oauth = OAuthHandler::new_async(TokenManager::new([7; 32])?, move |name: &str| {
            ready(accounts.find(name))
        })
        .hasher(self.hasher.clone());
        let runtime = Builder::new_current_thread().build()?;
        let call = move |name: &str| runtime.block_on(oauth.async_login(name, "wrong")).is_ok();
        self.pair(letter, format!("async: unknown user, {name}"), call).map(|pair| pair.expecting(expected))
    }

    fn pair(&self, letter: char, name: String, call: impl Fn(&str) -> bool + 'static) -> Answer<Pair> {
        Ok(Pair::new(name, [UNKNOWN, letter].map(|letter| names(letter, self.names)), call)?
            .measured(self.measurements))
    }
}

fn memory(memory_kib: u32) -> Argon2Params {
    Argon2Params { memory_kib, iterations: 2, parallelism: 1 }
}

/// A hash by sha512-crypt.
const UNSUPPORTED: &str =
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1";
