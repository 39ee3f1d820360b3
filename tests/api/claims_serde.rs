//! Claims of a type that derives serde's traits: writing, reading, and the claims that the token manager owns.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime};

use gatevault::claims::{ClaimWriter, Serde, ToClaims};
use gatevault::error::InvalidReason;
use gatevault::token::TokenText;
use gatevault::{
    Claims, GateVault, GuardError, Issuer, KeyRing, Payload, TokenError, TokenManager, UserId, Verified,
    VerifyingKey, protected,
};
use gatevault_tests::{Outline, SECRET, START, timed};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Returns a manager whose subject claim is `sub`.
fn tokens() -> TokenManager {
    timed().0.subject_claim("sub").build().unwrap()
}

fn created<T: Serialize>(claims: T) -> Result<String, TokenError> {
    tokens().create_access_token(&Serde::new("ada", claims))
}

fn read<T: DeserializeOwned>(token: &str) -> Result<Verified<Serde<T>>, TokenError> {
    tokens().decode_access_token_in(token, &mut TokenText::new())
}

fn conflicting(name: &'static str) -> TokenError {
    InvalidReason::ConflictingClaim(name.into()).into()
}

fn is_mismatch(error: &TokenError) -> bool {
    matches!(error, TokenError::Invalid(InvalidReason::Claims(_)))
}

/// A struct written for jsonwebtoken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Employee {
    sub: String,
    exp: u64,
    company: String,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Clerk,
    Admin,
}

fn employee(role: Role) -> Employee {
    Employee { sub: "ada".into(), exp: START + 60, company: "ACME".into(), role }
}

/// A field of each kind of value that serde supports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    #[serde(rename = "first-name")]
    name: String,
    numbers: (u128, i64, f64),
    wide: u128,
    fraction: f32,
    letter: char,
    unit: (),
    absent: Option<u8>,
    #[serde(with = "seconds")]
    paused: Option<Duration>,
    kinds: Vec<Kind>,
    address: Address,
    by_number: HashMap<u16, Vec<Address>>,
    anything: Value,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Address {
    street: String,
    floor: Option<Floor>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Floor(i8);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    Wrapped(Floor),
    Pair(u8, String),
    Fields { on: bool },
}

/// Serializes a field that cannot be read if its claim is left out.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(|time| time.as_secs()).serialize(serializer)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::deserialize(deserializer)?.map(Duration::from_secs))
    }
}

fn everything() -> Everything {
    let address = Address { street: "a \"b\" \\ \u{1} é 🦀".into(), floor: Some(Floor(-3)) };
    Everything {
        name: "Ada".into(),
        numbers: (u128::MAX, i64::MIN, 1.5e-7),
        wide: u128::MAX - 1,
        fraction: 0.1,
        letter: 'é',
        unit: (),
        absent: None,
        paused: None,
        kinds: vec![
            Kind::Plain,
            Kind::Wrapped(Floor(7)),
            Kind::Pair(1, "x".into()),
            Kind::Fields { on: true },
        ],
        address: address.clone(),
        by_number: HashMap::from([(7, vec![address, Address { street: String::new(), floor: None }])]),
        anything: json!({"a": [null, {"b": {}}], "c": u64::MAX, "d": -0.5}),
        more: BTreeMap::from([
            ("org_id".into(), json!(7)),
            ("user_id".into(), json!({"not": "the subject"})),
        ]),
    }
}

#[test]
fn claims_of_every_shape_are_read_as_they_were_written() {
    // The flattened map contains the registered claims too, as in any other format of serde.
    let mut read = read::<Everything>(&created(everything()).unwrap()).unwrap().into_claims();
    assert_eq!(read.user_id(), &"ada".into());
    let registered = ["exp", "iat", "jti", "sub", "type"];
    let mut inner = read.clone().into_inner();
    assert!(registered.iter().all(|name| inner.more.remove(*name).is_some()));
    assert_eq!(inner, everything());
    read = read.clone();
    let again = self::read::<Everything>(&created(&*read).unwrap()).unwrap();
    assert_eq!(again.more["org_id"], 7);
}

#[test]
fn a_map_with_string_keys_holds_claims_too() {
    let claims = BTreeMap::from([("role", "admin"), ("team", "blue")]);
    let read = read::<HashMap<String, Value>>(&created(claims).unwrap()).unwrap();
    assert_eq!(
        (&read["role"], &read["team"], &read["sub"]),
        (&json!("admin"), &json!("blue"), &json!("ada"))
    );
    assert_eq!(read["exp"], START + 15 * 60);
    assert_eq!(read.len(), 7);
}

#[test]
fn the_manager_writes_its_own_dates_id_and_kind() {
    #[derive(Serialize, Deserialize)]
    struct Presumptuous {
        exp: i64,
        iat: Option<f64>,
        jti: String,
        #[serde(rename = "type")]
        kind: Kind,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Access,
        Refresh,
    }
    let claims = || Presumptuous { exp: -1, iat: Some(1e300), jti: "mine".into(), kind: Kind::Refresh };
    let read = read::<Presumptuous>(&created(claims()).unwrap()).unwrap();
    assert_eq!((read.exp, read.iat), (1_767_226_500, Some(1_767_225_600.0)));
    assert_eq!(read.expires_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(START + 15 * 60));
    assert_eq!((Some(read.jti.as_str()), &read.kind), (read.token_id(), &Kind::Access));
    assert_ne!(read.jti, "mine");
    let refresh = tokens().create_refresh_token(&Serde::new(1, claims())).unwrap();
    assert_eq!(tokens().decode_token::<Serde<Presumptuous>>(&refresh).unwrap().kind, Kind::Refresh);
}

#[test]
fn a_token_of_jsonwebtoken_is_read_into_the_struct_that_wrote_it() {
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Theirs {
        iss: String,
        aud: Vec<String>,
        #[serde(flatten)]
        employee: Employee,
    }
    let theirs = Theirs {
        iss: "https://id.example".into(),
        aud: vec!["billing".into(), "mail".into()],
        employee: employee(Role::Admin),
    };
    let key = EncodingKey::from_secret(SECRET.as_bytes()).unwrap();
    install();
    let token = jsonwebtoken::encode(&Header::default(), &theirs, &key).unwrap();

    let keys = KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    let issuer = Issuer::new("https://id.example", keys).audience("billing");
    // The manager has a new secret; an issuer has the old one.
    let ours = TokenManager::builder().secret("a new secret of at least thirty-two bytes").accept(issuer);
    let ours = ours.clock(timed().1).build().unwrap();
    let read = ours.decode_access_token::<Serde<Theirs>>(&token).unwrap();
    assert_eq!(**read, theirs);
    assert_eq!(read.user_id(), &"ada".into());
    assert_eq!(read.foreign_issuer(), Some("https://id.example"));
}

#[test]
fn a_token_of_ours_is_read_by_jsonwebtoken_into_the_same_struct() {
    let employee = employee(Role::Clerk);
    let token = created(&employee).unwrap();
    let validation = Validation { validate_exp: false, ..Validation::default() };
    install();
    let key = DecodingKey::from_secret(SECRET.as_bytes()).unwrap();
    let theirs = jsonwebtoken::decode::<Employee>(&token, &key, &validation).unwrap().claims;
    assert_eq!(theirs, Employee { exp: START + 15 * 60, ..employee.clone() });
    assert_eq!(**read::<Employee>(&token).unwrap(), theirs);
}

/// Installs a provider: with both back ends in the build, jsonwebtoken does not choose one. Only the first call succeeds.
fn install() {
    jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default().ok();
}

#[test]
fn the_subject_in_the_claims_must_equal_the_user_id() {
    #[derive(Serialize)]
    struct Subject<S> {
        sub: S,
    }
    let create = |user_id: UserId, sub: Value| {
        tokens().create_access_token(&Serde::new(user_id, Subject { sub })).map(drop)
    };
    for (user_id, sub) in [
        (42.into(), json!(42)),
        ((-7).into(), json!(-7)),
        ("ada".into(), json!("ada")),
        ("ada".into(), json!(null)),
    ] {
        assert_eq!(create(user_id, sub), Ok(()));
    }
    for (user_id, sub) in [
        (UserId::from(42), json!(43)),
        (42.into(), json!("42")),
        (42.into(), json!(42.0)),
        ("42".into(), json!(42)),
        ("ada".into(), json!("eve")),
        ("ada".into(), json!("")),
        ("ada".into(), json!(["ada"])),
    ] {
        assert_eq!(create(user_id, sub), Err(conflicting("sub")));
    }
    let without = tokens().create_access_token(&Serde::new("", Subject { sub: "" }));
    assert_eq!(without, Err(InvalidReason::MistypedClaim("sub".into()).into()));
    // If the subject has another name, `sub` is an ordinary claim.
    let users = timed().0.build().unwrap();
    let token = users.create_access_token(&Serde::new(42, Subject { sub: "eve" })).unwrap();
    let payload = users.decode_access_token::<Payload>(&token).unwrap();
    assert_eq!((payload.user_id().as_u64(), &payload["sub"]), (Some(42), &json!("eve")));
}

#[test]
fn a_registered_claim_that_differs_from_the_managers_is_an_error_on_creation() {
    let ours = timed().0.issuer("https://id.example").audience("billing").build().unwrap();
    let create = |name: &str, value: Value| {
        ours.create_access_token(&Serde::new(1, BTreeMap::from([(name, value)]))).map(drop)
    };
    for name in ["iss", "aud", "nbf", "sid", "auth_time", "acr", "amr"] {
        assert_eq!(create(name, json!(null)), Ok(()), "{name}");
        assert_eq!(create(name, json!("x")), Err(conflicting(name)), "{name}");
        assert_eq!(create(name, json!(START)), Err(conflicting(name)), "{name}");
    }
    assert_eq!(create("iss", json!("https://id.example")), Ok(()));
    assert_eq!(create("aud", json!("billing")), Ok(()));
    assert_eq!(create("aud", json!(["billing"])), Err(conflicting("aud")));
    // Without an audience in the manager, the audience of the claims would be lost.
    assert_eq!(created(BTreeMap::from([("aud", "billing")])), Err(conflicting("aud")));
    let reason = std::error::Error::source(&conflicting("aud")).unwrap().to_string();
    assert!(reason.contains("`aud`") && reason.contains("manager"), "{reason}");
}

#[test]
fn claims_that_are_not_an_object_are_an_error_on_creation() {
    #[derive(Serialize)]
    struct Unit;
    let refused = [
        created("text"),
        created(7),
        created(vec![("a", 1)]),
        created((1, 2)),
        created(Unit),
        created(None::<Employee>),
        created(Kind::Plain),
        created(Kind::Fields { on: true }),
        created(Kind::Wrapped(Floor(1))),
        created(Floor(1)),
        created(BTreeMap::from([(1, 2)])),
    ];
    for (position, refused) in refused.iter().enumerate() {
        assert!(is_mismatch(refused.as_ref().unwrap_err()), "{position}: {refused:?}");
    }
    assert!(created(Some(employee(Role::Clerk))).is_ok());
}

#[test]
fn a_claim_that_the_reader_would_reject_is_not_written() {
    #[derive(Serialize)]
    struct Twice {
        role: Role,
        #[serde(flatten)]
        more: BTreeMap<&'static str, Value>,
    }
    let twice = || Twice { role: Role::Clerk, more: BTreeMap::from([("role", json!("admin"))]) };
    assert_eq!(created(twice()), Err(InvalidReason::ReservedClaim("role".into()).into()));
    let mistyped = |name: &'static str| Err(InvalidReason::MistypedClaim(name.into()).into());
    assert_eq!(created(BTreeMap::from([("deep", [twice()])])), mistyped("deep"));
    assert_eq!(created(BTreeMap::from([("odd", HashMap::from([([1, 2], 3)]))])), mistyped("odd"));

    // One level deeper than the reader accepts.
    let nested = |depth: usize| (1..depth).fold(json!([]), |inner, _| json!([inner]));
    let deepest = (1..200).take_while(|depth| created(BTreeMap::from([("deep", nested(*depth))])).is_ok());
    let deepest = deepest.last().unwrap();
    assert!(deepest > 100, "{deepest}");
    assert_eq!(created(BTreeMap::from([("deep", nested(deepest + 1))])), mistyped("deep"));
    let token = created(BTreeMap::from([("deep", nested(deepest))])).unwrap();
    assert!(read::<BTreeMap<String, Value>>(&token).is_ok());
    let too_deep = tokens().create_access_token(&Payload::new(1).with("deep", nested(deepest + 1))).unwrap();
    assert_eq!(Outline::DECODE, read::<BTreeMap<String, Value>>(&too_deep).unwrap_err());
}

#[test]
fn a_type_that_can_only_be_read_decodes_tokens() {
    #[derive(Debug, Deserialize)]
    struct Company {
        company: String,
    }
    let (tokens, access) = (tokens(), created(employee(Role::Clerk)).unwrap());
    assert_eq!(tokens.decode_access_token::<Serde<Company>>(&access).unwrap().company, "ACME");
    assert_eq!(tokens.decode_token::<Serde<Company>>(&access).unwrap().company, "ACME");
    assert!(tokens.decode_refresh_token::<Serde<Company>>(&access).is_err());
    let gate = GateVault::new(tokens);
    assert_eq!(gate.verify::<Serde<Company>>(&access).unwrap().company, "ACME");
}

#[test]
fn a_missing_claim_and_a_mistyped_one_are_named() {
    /// Reads a registered claim as another type.
    #[derive(Debug, Deserialize)]
    struct Odd {
        #[expect(dead_code, reason = "is never read")]
        exp: String,
    }
    let token = created(json!({"company": "ACME", "role": "owner"})).unwrap();
    let mistyped = InvalidReason::MistypedClaim("role".into());
    assert_eq!(read::<Employee>(&token).unwrap_err(), mistyped.into());
    let token = created(json!({"role": "admin"})).unwrap();
    let missing = TokenError::from(InvalidReason::MissingClaim("company".into()));
    assert_eq!(read::<Employee>(&token).unwrap_err(), missing);
    // A token of the wrong kind is reported as such, before a missing claim.
    let refresh = tokens().create_refresh_token(&Serde::new("ada", json!({"role": "admin"}))).unwrap();
    let kind = TokenError::from(InvalidReason::Kind { expected: "access" });
    assert_eq!(read::<Employee>(&refresh).unwrap_err(), kind);
    assert_eq!(read::<Odd>(&token).unwrap_err(), InvalidReason::MistypedClaim("exp".into()).into());
}

#[test]
fn a_type_may_reject_unknown_claims_except_registered_ones() {
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Narrow {
        role: Role,
    }
    assert!(read::<Narrow>(&created(Narrow { role: Role::Admin }).unwrap()).is_ok());
    let error = read::<Narrow>(&created(json!({"role": "admin", "team": "blue"})).unwrap()).unwrap_err();
    assert!(is_mismatch(&error), "{error:?}");
}

#[test]
fn a_type_may_reject_the_claims_as_a_whole() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Employee")]
    struct Admin;
    impl TryFrom<Employee> for Admin {
        type Error = &'static str;
        fn try_from(employee: Employee) -> Result<Self, Self::Error> {
            if employee.role == Role::Admin { Ok(Self) } else { Err("not an admin") }
        }
    }
    assert!(read::<Admin>(&created(employee(Role::Admin)).unwrap()).is_ok());
    let error = read::<Admin>(&created(employee(Role::Clerk)).unwrap()).unwrap_err();
    assert!(is_mismatch(&error), "{error:?}");
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(!reason.contains("admin"), "the message of a type may contain claims: {reason}");
    let refresh = tokens().create_refresh_token(&Serde::new("ada", employee(Role::Clerk))).unwrap();
    let kind = TokenError::from(InvalidReason::Kind { expected: "access" });
    assert_eq!(read::<Admin>(&refresh).unwrap_err(), kind, "the kind is reported first");
}

#[protected(gate = gate, require = payload.role == Role::Admin && payload.user_id() == &"ada".into())]
fn salaries(gate: &TokenManager, payload: Serde<Employee>) -> Result<Employee, GuardError> {
    Ok(payload.into_inner())
}

#[protected(gate = gate, require(payload.company == company, payload.role == Role::Admin))]
async fn later(
    gate: TokenManager,
    company: &str,
    payload: Verified<Serde<Employee>>,
) -> Result<String, GuardError> {
    std::future::ready(()).await;
    Ok(format!("{} until {}", payload.sub, payload.exp))
}

#[derive(Debug, Serialize, Deserialize)]
struct Borrowed<'t> {
    sub: &'t str,
    #[serde(rename = "type")]
    kind: &'t str,
    team: Cow<'t, str>,
}

#[protected(gate = gate)]
fn kind(gate: &TokenManager, payload: Serde<Borrowed<'_>>) -> Result<String, GuardError> {
    Ok(format!("{} {} {}", payload.sub, payload.kind, payload.team))
}

#[test]
fn serde_claims_are_the_payload_of_guarded_functions() {
    let token = created(employee(Role::Admin)).unwrap();
    assert_eq!(salaries(&token, &tokens()).unwrap().company, "ACME");
    assert_eq!(pollster::block_on(later(&token, tokens(), "ACME")).unwrap(), "ada until 1767226500");
    assert_eq!(pollster::block_on(later(&token, tokens(), "Other")).unwrap_err().status(), 403);
    let clerk = created(employee(Role::Clerk)).unwrap();
    assert_eq!(salaries(&clerk, &tokens()).unwrap_err().status(), 403);
    assert_eq!(salaries(created(json!({"role": "admin"})).unwrap(), &tokens()).unwrap_err().status(), 401);
    assert_eq!(salaries("", &tokens()).unwrap_err().status(), 401);
    let token = created(json!({"team": "blue"})).unwrap();
    assert_eq!(kind(&token, &tokens()).unwrap(), "ada access blue");
}

/// Accepts claims that frameworks and threads accept.
fn is_claims<C: Claims + Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static>(_: &C) {}

#[test]
fn serde_claims_implement_the_traits_of_their_type() {
    let claims = Serde::new(42, employee(Role::Clerk));
    is_claims(&claims);
    assert_eq!(claims.clone(), claims);
    assert_ne!(Serde::new(43, employee(Role::Clerk)), claims);
    assert!(std::collections::HashSet::from([Serde::new(1, "a")]).contains(&Serde::new(1, "a")));
    let boxed: Box<dyn ToClaims> = Box::new(Serde::new("ada", employee(Role::Clerk)));
    assert!(tokens().create_access_token(&*boxed).is_ok());
}

/// Writes a subject of its own before the claims, which write theirs.
struct Late(Serde<Employee>);

impl ToClaims for Late {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        claims.subject("eve")?;
        self.0.write_claims(claims)
    }
}

#[test]
fn the_subject_is_written_once() {
    let late = Late(Serde::new("ada", employee(Role::Clerk)));
    assert_eq!(tokens().create_access_token(&late), Err(InvalidReason::Subject.into()));
}
