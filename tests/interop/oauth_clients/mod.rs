//! OAuth2 clients at the token endpoint: a table of what each of them makes of each response.
//!
//! The table in `matrix.md` is what a user of these clients sees. A client that took an error for a token would not get into it:
//! each call says what must come of it, and so do clients that report no more than the status.

mod calls;
mod client;
mod column;
mod outcome;
mod server;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::{fs, thread};

use calls::{ACCEPTED, Call, DENIED, METADATA_VALIDATED, REFUSED};
use client::Client;
use column::Column;
use serde_json::Value;

/// The table, as the repository has it.
const MATRIX: &str = include_str!("matrix.md");

#[test]
fn every_client_recognizes_every_answer_of_the_token_endpoint_as_the_table_says() {
    let clients = Client::all().unwrap_or_else(|missing| panic!("{missing}"));
    let columns = clients.into_iter().map(|client| thread::spawn(|| Results::of(client)));
    let columns: Vec<_> = columns.collect();
    let columns: Vec<_> = columns.into_iter().map(|column| column.join().expect("a client ran")).collect();
    let table = table(&columns);
    std::io::stderr().write_all(table.as_bytes()).expect("standard error is open");
    let mistaken: Vec<_> = columns.iter().flat_map(Results::mistaken).collect();
    // RFC 8414 section 2 demands the list of response types, which is empty without an authorization endpoint.
    assert_eq!(mistaken, [("Authlib", METADATA_VALIDATED)]);
    let (head, expected) = MATRIX.split_once("\n| call").expect("a table with the heading `call`");
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("matrix.md");
    fs::write(&written, format!("{head}\n{table}")).expect("the target folder can be written");
    let expected = format!("| call{expected}");
    let changed: Vec<_> = table.lines().filter(|row| !expected.lines().any(|other| other == *row)).collect();
    let accept = format!("to accept them: cp {} tests/interop/oauth_clients/matrix.md", written.display());
    assert!(table == expected, "rows that are not in the table, if any:\n{}\n{accept}", changed.join("\n"));
}

/// Returns the calls, in the order of the table.
fn calls() -> impl Iterator<Item = &'static Call> {
    [ACCEPTED, REFUSED, DENIED].into_iter().flatten()
}

/// The responses of a client, one for each call.
struct Results {
    name: String,
    responses: Vec<Value>,
}

impl Results {
    /// Makes each call with a client, at a server of its own.
    fn of(client: Client) -> Self {
        let mut column = Column::new(client);
        let name = column.name();
        let responses = calls().map(|call| (call.run)(&mut column)).collect();
        Self { name, responses }
    }

    /// Returns the client and the name of each call whose response it took for something else.
    fn mistaken(&self) -> Vec<(&str, &'static str)> {
        let client = self.name.split(' ').next().unwrap_or_default();
        let pairs = calls().zip(&self.responses);
        let mistaken = pairs.filter(|(call, response)| !call.outcome.is_recognized_in(response));
        mistaken.map(|(call, _)| (client, call.name)).collect()
    }
}

/// Formats a row for each call, and a column for each client.
fn table(columns: &[Results]) -> String {
    let mut table = String::from("| call | response |");
    for column in columns {
        write!(table, " {} |", column.name).unwrap();
    }
    write!(table, "\n|{}\n", "---|".repeat(columns.len() + 2)).unwrap();
    for (index, call) in calls().enumerate() {
        let cells = columns.iter().map(|column| cell(&column.responses[index]));
        let cells: Vec<_> =
            [call.name.to_owned(), call.outcome.to_string()].into_iter().chain(cells).collect();
        writeln!(table, "| {} |", cells.join(" | ")).unwrap();
    }
    table
}

/// Formats a response of a client.
fn cell(response: &Value) -> String {
    if response["absent"] == true {
        return "-".to_owned();
    }
    if let Some(name) = ["metadata", "issuer"].into_iter().find(|name| !response[*name].is_null()) {
        return name.to_owned();
    }
    if response["token"].is_object() {
        return match outcome::scope_of(&response["token"]) {
            Some(scope) => format!("token for `{scope}`"),
            None => "token".to_owned(),
        };
    }
    let mut cell = match response["raised"].as_str() {
        None => format!("status {}", response["status"]),
        Some(error) => format!("`{error}`"),
    };
    if let Some(code) = response["code"].as_str() {
        write!(cell, " `{code}`").unwrap();
    }
    if let (Some(_), Some(status)) = (response["raised"].as_str(), response["status"].as_u64()) {
        write!(cell, " {status}").unwrap();
    }
    for (name, joint) in NOTES {
        if let Some(text) = response[name].as_str() {
            write!(cell, "{joint} `{text}`").unwrap();
        }
    }
    if let Some(seconds) = response["retry_after"].as_str() {
        write!(cell, ", retry after {seconds} s").unwrap();
    }
    match response["refreshes"].as_u64() {
        Some(refreshes) => format!("{cell} after {refreshes} refresh"),
        None => cell,
    }
}

/// The members of a response that a cell shows, each after its own words.
const NOTES: [(&str, &str); 4] =
    [("code_in_body", ", body"), ("scope", " for"), ("scheme", ", challenge"), ("text", " -")];
