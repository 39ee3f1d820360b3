//! `catalogue.md`: the categories with their sources, numbers and verdicts, and what each kind of token opens. A test compares the
//! file with the generator; `UPDATE_CATALOGUE=1` writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use gatevault::TokenError;
use gatevault_attack_tests::{ALGORITHMS, Category, hashes, tokens, tokens_for_audiences};
use gatevault_tests::Outline;

use crate::frameworks::Headers;
use crate::{
    framework_routes, frameworks, functions, grpc, handlers, kinds, passwords, refresh, routes,
    tiny_http_requests,
};

/// The ways in for tokens: functions, handlers and guards of each framework, and routes that read a token.
const WAYS: [(&str, usize); 6] = [
    ("functions of the library", functions::WAYS + handlers::WAYS),
    ("handlers, extractors and guards of frameworks", frameworks::WAYS),
    ("methods of gRPC", grpc::WAYS),
    ("`tiny_http`", tiny_http_requests::WAYS),
    ("`AuthRoutes`", routes::WAYS),
    ("`AuthRoutes` in a framework", framework_routes::WAYS),
];

#[test]
fn the_catalogue_is_the_one_that_is_generated() {
    let generated = catalogue();
    println!("{}", generated.lines().find(|line| line.contains(" x ")).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue.md");
    if std::env::var_os("UPDATE_CATALOGUE").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, generated, "UPDATE_CATALOGUE=1 writes {}", path.display());
}

/// The least numbers of attacks, which the generator must not fall below unnoticed.
#[test]
fn there_are_enough_attacks_of_every_algorithm() {
    assert!(tokens().len() >= 400 && hashes().len() >= 150, "{}, {}", tokens().len(), hashes().len());
    for algorithm in ALGORITHMS {
        let of_it = tokens().iter().filter(|attack| attack.name.contains(algorithm.name())).count();
        assert!(of_it >= 20, "{algorithm}: {of_it}");
    }
}

fn catalogue() -> String {
    let (tokens_count, hashes_count) = (tokens().len(), hashes().len());
    let ways: usize = WAYS.iter().map(|(_, count)| count).sum();
    let mut text = format!(
        "# The attack catalogue\n\n\
         Generated from `tests/attacks/src`; `UPDATE_CATALOGUE=1 ./scripts/test attacks` writes it. Every token and every hash runs against every way in, and each refusal has a bound on its memory and its time.\n\n\
         {tokens_count} access tokens x {ways} ways in, {} refresh tokens x {} ways in, {} tokens with an audience x {} ways in of a manager that has none, {hashes_count} stored hashes x {} ways in, {} kinds of tokens x {} places.\n\n\
         The {} refresh tokens that have expired do not run against the {} logouts, which accept them.\n\n\
         | ways in for access tokens | number |\n|---|---|\n",
        refresh::without_session().len(),
        refresh::WAYS,
        tokens_for_audiences().len(),
        functions::WAYS_WITHOUT_AUDIENCE,
        passwords::WAYS,
        kinds::KINDS.len(),
        kinds::PLACES,
        refresh::without_session().iter().filter(|attack| attack.refusal == TokenError::Expired).count(),
        refresh::LOGOUT_WAYS,
    );
    for (name, count) in WAYS {
        writeln!(text, "| {name} | {count} |").unwrap();
    }
    write!(
        text,
        "\n{} tokens have a character that no header can carry, which HTTP refuses: they run against the functions and the \
         bodies. The requests of a test of Rocket cannot carry {} tokens, and those of `tiny_http` {}. A cookie cuts {} tokens at \
         the white space at their end. These numbers are asserted for each way in.\n",
        Headers::Any.unsendable(),
        Headers::Ascii.unsendable(),
        Headers::TinyHttp.unsendable(),
        routes::BEFORE_WHITE_SPACE,
    )
    .unwrap();
    text += "\n## Tokens\n\n| category | source | number | verdict |\n|---|---|---|---|\n";
    let for_audiences = tokens_for_audiences();
    let verdicts = tokens().iter().chain(&for_audiences);
    table(&mut text, verdicts.map(|attack| (attack.category, verdict(&attack.refusal))));
    text += "\n## Stored hashes\n\nNo password matches, and nothing is computed.\n\n\
             | category | source | number | verdict |\n|---|---|---|---|\n";
    table(&mut text, hashes().iter().map(|hash| (hash.category, "no match".to_owned())));
    text += "\n## Kinds of tokens in places\n\n| place | answer | kinds |\n|---|---|---|\n";
    for (place, outcome, kinds) in kinds::rows() {
        // At most one answer of a place is that to more than half of the kinds.
        let is_most = kinds.len() * 2 > kinds::KINDS.len();
        let kinds = if is_most { "every other kind".to_owned() } else { kinds.join(", ") };
        writeln!(text, "| `{place}` | {outcome} | {kinds} |").unwrap();
    }
    text
}

/// Writes a row for each category, in the order of the generator.
fn table(text: &mut String, verdicts: impl Iterator<Item = (Category, String)>) {
    let mut categories: Vec<(Category, BTreeMap<String, usize>)> = Vec::new();
    for (category, verdict) in verdicts {
        let position = categories.iter().position(|row| row.0 == category).unwrap_or_else(|| {
            categories.push((category, BTreeMap::new()));
            categories.len() - 1
        });
        *categories[position].1.entry(verdict).or_default() += 1;
    }
    for (Category { name, source }, verdicts) in categories {
        let count: usize = verdicts.values().sum();
        let verdicts: Vec<_> =
            verdicts.iter().map(|(verdict, count)| format!("{verdict}: {count}")).collect();
        writeln!(text, "| {name} | {source} | {count} | {} |", verdicts.join(", ")).unwrap();
    }
}

/// Returns the name of a refusal, without lengths.
fn verdict(refusal: &Outline) -> String {
    let text = refusal.to_string();
    text.split_once(" {").map_or(text.clone(), |(name, _)| format!("{name})"))
}
