//! The sources of this program and pages of the guide, with numbered lines that links can point to.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use serde::Serialize;

use crate::guide;

/// A file by its name, compiled into the program.
macro_rules! files {
    ($folder:literal: $($name:literal)*) => { &[$(($name, include_str!(concat!($folder, $name)))),*] };
}

const SOURCES: &[(&str, &str)] =
    files!("./": "accounts.rs" "functions.rs" "keys.rs" "lib.rs" "passkeys.rs" "policies.rs" "thief.rs");

const GUIDE: &[(&str, &str)] = files!("../../../gatevault/src/guide/":
    "accounts.md" "actix.md" "api_keys.md" "axum.md" "browsers.md" "claims.md" "coming_from_jsonwebtoken.md"
    "coming_from_python.md" "command_line.md" "connections.md" "errors_and_logs.md" "expansion.md" "http.md"
    "in_your_framework.md" "keys.md" "login.md" "mcp.md" "oauth2.md" "openapi.md" "other_issuers.md"
    "own_logins.md" "pages.md" "passkeys.md" "passwords.md" "poem.md" "policies.md" "purpose_tokens.md"
    "quick_start.md" "rocket.md" "salvo.md" "scale.md" "second_factor.md" "security.md" "sessions.md"
    "social_login.md" "standards.md" "stores.md" "testing.md" "tiny_http.md" "tonic.md" "warp.md");

pub(crate) fn routes() -> Router {
    Router::new()
        .route(
            "/source/{file}",
            get(async |Path(file): Path<String>| show(SOURCES, &file, "examples/demo/src/", escaped)),
        )
        .route(
            "/guide/{file}",
            get(async |Path(file): Path<String>| show(GUIDE, &file, "gatevault/src/guide/", guide::linked)),
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

/// Returns the page of a file, whose text `markup` turns into HTML with as many lines.
fn show(
    files: &'static [(&str, &str)],
    name: &str,
    folder: &str,
    markup: impl Fn(&str) -> String,
) -> Response {
    let Some(text) = find(files, name) else { return StatusCode::NOT_FOUND.into_response() };
    let mut lines = String::new();
    for (line, number) in markup(text).lines().zip(1..) {
        // Writing to a string does not fail.
        _ = write!(lines, "<span id=\"L{number}\"><a href=\"#L{number}\">{number}</a>{line}\n</span>");
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

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
