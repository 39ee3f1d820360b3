//! The sources of this program and pages of the guide, with numbered lines that links can point to.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use serde::Serialize;

/// A file by its name, compiled into the program.
macro_rules! files {
    ($folder:literal: $($name:literal)*) => { &[$(($name, include_str!(concat!($folder, $name)))),*] };
}

const SOURCES: &[(&str, &str)] =
    files!("./": "accounts.rs" "functions.rs" "keys.rs" "lib.rs" "passkeys.rs" "policies.rs" "thief.rs");

const GUIDE: &[(&str, &str)] = files!("../../../gatevault/src/guide/":
    "api_keys.md" "errors_and_logs.md" "login.md" "passkeys.md" "policies.md" "quick_start.md" "sessions.md");

pub(crate) fn routes() -> Router {
    Router::new()
        .route(
            "/source/{file}",
            get(async |Path(file): Path<String>| show(SOURCES, &file, "examples/demo/src/")),
        )
        .route(
            "/guide/{file}",
            get(async |Path(file): Path<String>| show(GUIDE, &file, "gatevault/src/guide/")),
        )
}

/// Returns the address of a line.
pub(crate) fn link(file: &str, line: u32) -> String {
    format!("/source/{file}#L{line}")
}

/// A function as its source has it.
#[derive(Debug, Serialize)]
pub(crate) struct Excerpt {
    about: String,
    source: String,
}

/// Returns the paragraph around a line, without the indentation that all its lines share.
pub(crate) fn excerpt(file: &str, line: u32) -> Option<Excerpt> {
    let lines: Vec<&str> = find(SOURCES, file)?.lines().collect();
    let at = usize::try_from(line.checked_sub(1)?).ok()?;
    let is_blank = |line: &&str| line.trim().is_empty();
    let before = lines.get(..at)?.iter().rev().take_while(|line| !is_blank(line)).count();
    let paragraph = lines.get(at.checked_sub(before)?..)?.iter().take_while(|line| !is_blank(line));
    // The brace of the module, after the last function.
    let paragraph: Vec<_> = paragraph.copied().take_while(|line| *line != "}").collect();
    let indentation = paragraph.first().map_or(0, |line| line.len().saturating_sub(line.trim_start().len()));
    let (about, source): (Vec<&str>, Vec<&str>) = paragraph
        .into_iter()
        .map(|line| line.get(indentation..).unwrap_or_default())
        .partition(|line| line.starts_with("///"));
    let about: Vec<_> = about.into_iter().map(|line| line.trim_start_matches("/// ")).collect();
    Some(Excerpt { about: about.join(" "), source: source.join("\n") })
}

fn find(files: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    files.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

fn show(files: &'static [(&str, &str)], name: &str, folder: &str) -> Response {
    let Some(text) = find(files, name) else { return StatusCode::NOT_FOUND.into_response() };
    let mut lines = String::new();
    for (line, number) in text.lines().zip(1..) {
        // Writing to a string does not fail.
        _ = write!(
            lines,
            "<span id=\"L{number}\"><a href=\"#L{number}\">{number}</a>{}\n</span>",
            escaped(line)
        );
    }
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{name}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"/icon.svg\"><link rel=\"stylesheet\" href=\"/style.css\">\
         <body class=\"file\"><header><a href=\"/\">Back to the demo</a><h1>{folder}{name}</h1></header>\
         <pre tabindex=\"0\" aria-label=\"{name}\">{lines}</pre></body></html>"
    ))
    .into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
